# Recognised by "ustar" at 257; archives from before 1988 have no magic.
meta:
  id: tar
  title: Tape archive (tar)
  application: GNU tar, BSD tar, star
  file-extension: tar
  license: MIT OR Apache-2.0
  endian: be
  encoding: UTF-8
  -lazyhex-magic:
    - { at: 257, bytes: [0x75, 0x73, 0x74, 0x61, 0x72] }
doc: A sequence of members, each a header of 512 bytes and a padded body.
doc-ref:
  - https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
  - https://www.gnu.org/software/tar/manual/html_node/Standard.html
seq:
  - id: members
    type: member(_index)
    repeat: until
    repeat-until: _.is_end or _io.eof
  - id: trailing_data
    doc: Zeros up to the record size.
    size-eos: true
types:
  member:
    -webide-representation: '{header.type} {path} {len_body} bytes'
    params:
      - id: index
        type: u4
    seq:
      - id: header
        size: 512
        type: header
      - id: sparse_extensions
        size: 512
        type: sparse_extension
        repeat: until
        repeat-until: not _.is_extended
        if: header.is_sparse and header.gnu.is_extended
      - id: body
        size: len_body
        type:
          switch-on: header.type
          cases:
            'type::pax_header': pax_records
            'type::pax_global_header': pax_records
            'type::solaris_header': pax_records
            'type::gnu_long_name': long_name
            'type::gnu_long_link': long_name
      - id: padding
        size: (512 - len_body % 512) % 512
    instances:
      is_end:
        doc: Two blocks of zeros end the archive.
        value: header.first_byte == 0
      path:
        doc: Truncated to 100 bytes if the previous member holds the full name.
        value: 'header.prefix == "" ? header.name : header.prefix + "/" + header.name'
        if: not is_end
      has_body:
        value: |
          header.type != type::hard_link and header.type != type::symbolic_link
            and header.type != type::character_device and header.type != type::block_device
            and header.type != type::directory and header.type != type::fifo
      records:
        value: body.as<pax_records>
        if: header.type == type::pax_header
      has_len_in_records:
        doc: The pax header before this member holds a length, as for files of 8 GiB or more.
        value: |
          index == 0 ? false
            : _root.members[index - 1].header.type == type::pax_header
            ? _root.members[index - 1].records.has_len_body : false
      len_body:
        value: |
          not has_body ? 0
            : has_len_in_records ? _root.members[index - 1].records.len_body
            : header.len_body.value
  header:
    seq:
      - id: name
        size: 100
        type: strz
        eos-error: false
      - id: mode
        size: 8
        type: number_field
      - id: uid
        size: 8
        type: number_field
      - id: gid
        size: 8
        type: number_field
      - id: len_body
        -orig-id: size
        size: 12
        type: number_field
      - id: mtime
        doc: Seconds since 1970.
        size: 12
        type: number_field
      - id: checksum
        -orig-id: chksum
        doc: Sum of all header bytes, with these eight counted as spaces.
        size: 8
        type: number_field
      - id: type
        -orig-id: typeflag
        type: u1
        enum: type
      - id: link_name
        -orig-id: linkname
        size: 100
        type: strz
        eos-error: false
      - id: magic
        type: str
        size: 6
        encoding: ISO-8859-1
      - id: version
        size: 2
      - id: user_name
        -orig-id: uname
        size: 32
        type: strz
        eos-error: false
        if: is_ustar
      - id: group_name
        -orig-id: gname
        size: 32
        type: strz
        eos-error: false
        if: is_ustar
      - id: device_major
        -orig-id: devmajor
        size: 8
        type: number_field
        if: is_ustar
      - id: device_minor
        -orig-id: devminor
        size: 8
        type: number_field
        if: is_ustar
      - id: prefix_field
        -orig-id: prefix
        size: 155
        type: strz
        eos-error: false
        if: is_ustar and not is_gnu
      - id: gnu
        size: 155
        type: gnu_fields
        if: is_gnu
    instances:
      first_byte:
        pos: 0
        type: u1
      is_ustar:
        value: magic.substring(0, 5) == "ustar"
      is_gnu:
        value: magic == "ustar "
      is_sparse:
        value: is_gnu and type == type::gnu_sparse
      prefix:
        value: 'is_ustar and not is_gnu ? prefix_field : ""'
  gnu_fields:
    seq:
      - id: atime
        size: 12
        type: number_field
      - id: ctime
        size: 12
        type: number_field
      - id: ofs_volume
        size: 12
        type: number_field
      - id: longnames
        size: 4
      - id: unused
        size: 1
      - id: sparse_ranges
        type: sparse_range
        size: 24
        repeat: expr
        repeat-expr: 4
      - id: extended_flag
        type: u1
      - id: len_real
        doc: Size of the file including holes.
        size: 12
        type: number_field
    instances:
      is_extended:
        value: extended_flag != 0
  sparse_extension:
    seq:
      - id: sparse_ranges
        type: sparse_range
        size: 24
        repeat: expr
        repeat-expr: 21
      - id: extended_flag
        type: u1
    instances:
      is_extended:
        value: extended_flag != 0
  sparse_range:
    -webide-representation: '{len_range} at {ofs_range}'
    seq:
      - id: ofs_range
        size: 12
        type: number_field
      - id: len_range
        size: 12
        type: number_field
  number_field:
    doc: Octal digits with optional spaces, or binary if the highest bit is set.
    -webide-representation: '{value:dec}'
    seq:
      - id: octal
        size-eos: true
        terminator: 0
        eos-error: false
        type: octal_text
        if: not is_binary
      - id: binary
        size-eos: true
        if: is_binary
    instances:
      first_byte:
        pos: 0
        type: u1
      is_binary:
        value: first_byte & 0x80 != 0
      low_word:
        pos: _io.size - 4
        type: u4
      high_word:
        pos: _io.size - 8
        type: s4
      value:
        value: |
          not is_binary ? octal.value
            : first_byte == 0x80 and _io.size == 8
            ? (high_word & 0x7fffffff) * 0x100000000 + low_word
            : high_word * 0x100000000 + low_word
  octal_text:
    seq:
      - id: text
        type: str
        size-eos: true
        pad-right: 0x20
        encoding: ASCII
        -lazyhex-as: octal
    instances:
      num_blanks:
        value: |
          text.substring(0, 1) != " " ? 0
            : text.substring(0, 2) != "  " ? 1
            : text.substring(0, 3) != "   " ? 2
            : text.substring(0, 4) != "    " ? 3
            : text.substring(0, 5) != "     " ? 4
            : text.substring(0, 6) != "      " ? 5
            : text.substring(0, 7) != "       " ? 6
            : text.substring(0, 8) != "        " ? 7
            : text.substring(0, 9) != "         " ? 8
            : text.substring(0, 10) != "          " ? 9 : 10
      value:
        value: |
          text.length > num_blanks ? text.substring(num_blanks, text.length).to_i(8) : 0
  long_name:
    -webide-representation: '{name}'
    seq:
      - id: name
        type: strz
        eos-error: false
  pax_records:
    seq:
      - id: entries
        type: pax_record
        repeat: eos
    instances:
      probes:
        doc: Tests each record up to the one that holds a length. Takes no bytes.
        type: pax_probe(_index)
        repeat: until
        repeat-until: _.is_len_body or _.index + 1 == entries.size
        if: entries.size != 0
      has_len_body:
        value: 'entries.size != 0 ? probes.last.is_len_body : false'
      len_body:
        value: probes.last.record.value.to_i
        if: has_len_body
  pax_probe:
    params:
      - id: index
        type: u4
    instances:
      record:
        value: _parent.entries[index]
      is_len_body:
        value: record.keyword == "size"
  pax_record:
    -webide-representation: '{keyword}={value}'
    seq:
      - id: len_record
        doc: Decimal length of the record, including this number.
        type: str
        terminator: 0x20
        encoding: ASCII
      - id: keyword
        type: str
        terminator: 0x3d
        encoding: ASCII
      - id: value
        type: str
        size: len_record.to_i - len_record.length - keyword.length - 3
      - id: newline
        contents: [0x0a]
enums:
  type:
    0: old_regular
    0x30: regular
    0x31: hard_link
    0x32: symbolic_link
    0x33: character_device
    0x34: block_device
    0x35: directory
    0x36: fifo
    0x37: contiguous
    0x41: solaris_acl
    0x44: gnu_dumpdir
    0x4b: gnu_long_link
    0x4c: gnu_long_name
    0x4d: gnu_multivolume
    0x4e: gnu_old_long_name
    0x53: gnu_sparse
    0x56: gnu_volume_label
    0x58: solaris_header
    0x67: pax_global_header
    0x78: pax_header
