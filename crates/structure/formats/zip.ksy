# The index of an archive is at its end. The archive may follow other data, as in a program that
# unpacks itself: name the format then, as such a file has another magic.
meta:
  id: zip
  title: Zip archive
  application: Info-ZIP, 7-Zip, Java, Python, Office
  file-extension: [zip, jar, apk, whl, docx, xlsx, pptx, odt, ods, odp, epub, npz, war, ear, aar, xpi, vsix, nupkg, ipa]
  license: MIT OR Apache-2.0
  endian: le
  bit-endian: le
  encoding: UTF-8
  -lazyhex-magic:
    - { at: 0, bytes: [0x50, 0x4b, 0x03, 0x04] }
    - { at: 0, bytes: [0x50, 0x4b, 0x05, 0x06] }
doc: Members, each with a header, and a directory of them at the end.
doc-ref: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
instances:
  end_of_directory:
    doc: Where the directory is. It is searched from the end, as a comment may follow.
    pos: end_search.ofs_end
    type: end_record
    if: end_search.is_found
  zip64_locator:
    pos: end_search.ofs_end - 20
    type: zip64_locator
    if: end_search.has_zip64
  zip64_end_of_directory:
    doc: The same with numbers of 64 bits.
    pos: end_search.ofs_zip64_end
    type: zip64_end_record
    if: end_search.has_zip64
  entries:
    doc: The directory.
    pos: end_search.ofs_entries
    type: entry
    repeat: expr
    repeat-expr: end_search.num_entries
    if: end_search.is_found
  local_files:
    doc: |
      The members from the start of the file, without the directory. Ends at a member whose length
      is only in the directory.
    pos: 0
    type: local_file(-1)
    repeat: until
    repeat-until: not _.is_followed
    if: '_io.size >= 4 ? end_search.first_signature == 0x04034b50 : false'
  end_search:
    pos: 0
    type: end_search
types:
  end_search:
    doc: Finds the end record from the end of the file on.
    -webide-representation: '{ofs_end:hex}'
    instances:
      first_signature:
        io: _root._io
        pos: 0
        type: u4
        if: _root._io.size >= 4
      probes:
        doc: |
          Each tests five places for the record, the last place first. The comment after the record
          has at most 65,535 bytes.
        type: end_probe(_root._io.size - 26 - 5 * _index)
        repeat: until
        repeat-until: _.is_here or _.ofs_first <= 0 or _index == 13107
        if: _root._io.size >= 22
      is_found:
        value: '_root._io.size >= 22 ? probes.last.is_here : false'
      ofs_end:
        value: probes.last.ofs_end
        if: is_found
      locator_signature:
        io: _root._io
        pos: ofs_end - 20
        type: u4
        if: 'is_found ? ofs_end >= 20 : false'
      has_zip64:
        value: 'is_found ? ofs_end < 20 ? false : locator_signature == 0x07064b50 : false'
      signature_at_zip64_end:
        io: _root._io
        pos: _root.zip64_locator.ofs_zip64_end
        type: u4
        if: 'has_zip64 ? _root.zip64_locator.ofs_zip64_end <= ofs_end - 4 : false'
      is_zip64_end_there:
        value: |
          _root.zip64_locator.ofs_zip64_end <= ofs_end - 4 ? signature_at_zip64_end == 0x06064b50 : false
        if: has_zip64
      ofs_zip64_end:
        doc: Right before the locator, if it is not where that says.
        value: 'is_zip64_end_there ? _root.zip64_locator.ofs_zip64_end : ofs_end - 76'
        if: has_zip64
      num_entries:
        value: |
          has_zip64 and _root.end_of_directory.num_entries == 0xffff
            ? _root.zip64_end_of_directory.num_entries : _root.end_of_directory.num_entries
        if: is_found
      len_entries:
        value: |
          has_zip64 and _root.end_of_directory.len_entries == 0xffffffff
            ? _root.zip64_end_of_directory.len_entries : _root.end_of_directory.len_entries
        if: is_found
      ofs_entries:
        value: len_before + ofs_entries_field
        if: is_found
      ofs_entries_field:
        value: |
          has_zip64 and _root.end_of_directory.ofs_entries == 0xffffffff
            ? _root.zip64_end_of_directory.ofs_entries : _root.end_of_directory.ofs_entries
        if: is_found
      signature_at_entries:
        io: _root._io
        pos: ofs_entries_field
        type: u4
        if: is_found and ofs_entries_field + 4 <= _root._io.size
      ofs_after_entries:
        value: 'has_zip64 ? ofs_zip64_end : ofs_end'
        if: is_found
      is_at_start:
        doc: Whether offsets count from the start of the file.
        value: |
          ofs_entries_field + len_entries >= ofs_after_entries
            or (ofs_entries_field + 4 <= _root._io.size ? signature_at_entries == 0x02014b50 : false)
        if: is_found
      len_before:
        doc: Bytes before the archive. Offsets do not count them.
        value: 'is_at_start ? 0 : ofs_after_entries - len_entries - ofs_entries_field'
        if: is_found
  end_probe:
    -webide-representation: '{ofs_first:hex}'
    params:
      - id: ofs_wanted
        type: s8
    instances:
      ofs_first:
        value: 'ofs_wanted > 0 ? ofs_wanted : 0'
      word:
        doc: Big-endian, so that bytes stand as in the file.
        io: _root._io
        pos: ofs_first
        type: u4be
      next_word:
        io: _root._io
        pos: ofs_first + 4
        type: u4be
      skipped:
        doc: Bytes before the signature, or -1.
        value: |
          next_word == 0x504b0506 ? 4
            : word % 0x100 * 0x1000000 + next_word / 0x100 == 0x504b0506 ? 3
            : word % 0x10000 * 0x10000 + next_word / 0x10000 == 0x504b0506 ? 2
            : word % 0x1000000 * 0x100 + next_word / 0x1000000 == 0x504b0506 ? 1
            : word == 0x504b0506 ? 0 : -1
      is_here:
        value: skipped >= 0
      ofs_end:
        value: ofs_first + skipped
  end_record:
    -webide-representation: '{num_entries} entries at {ofs_entries:hex} {comment}'
    seq:
      - id: magic
        contents: ["PK", 5, 6]
      - id: disk_number
        type: u2
      - id: entries_disk_number
        doc: The disk on which the directory starts.
        type: u2
      - id: num_disk_entries
        type: u2
      - id: num_entries
        doc: 65535 if the number is in the zip64 record.
        type: u2
      - id: len_entries
        doc: Bytes of the directory.
        type: u4
      - id: ofs_entries
        type: u4
      - id: len_comment
        type: u2
      - id: comment
        type: str
        size: len_comment
  zip64_locator:
    seq:
      - id: magic
        contents: ["PK", 6, 7]
      - id: disk_number
        type: u4
      - id: ofs_zip64_end
        type: u8
      - id: num_disks
        type: u4
  zip64_end_record:
    -webide-representation: '{num_entries} entries at {ofs_entries:hex}'
    seq:
      - id: magic
        contents: ["PK", 6, 6]
      - id: len_record
        doc: Bytes after this field.
        type: u8
      - id: version_made_by
        type: version
      - id: version_needed
        type: version
      - id: disk_number
        type: u4
      - id: entries_disk_number
        type: u4
      - id: num_disk_entries
        type: u8
      - id: num_entries
        type: u8
      - id: len_entries
        type: u8
      - id: ofs_entries
        type: u8
      - id: extensible_data
        size: len_record - 44
        if: len_record >= 44
  version:
    -webide-representation: '{major:dec}.{minor:dec} {host}'
    seq:
      - id: number
        type: u1
      - id: host
        type: u1
        enum: host
    instances:
      major:
        value: number / 10
      minor:
        value: number % 10
  flags:
    -webide-representation: '{_:flags}'
    seq:
      - id: is_encrypted
        type: b1
      - id: compression_option
        type: b2
      - id: has_data_descriptor
        doc: Checksum and lengths are after the data and in the directory.
        type: b1
      - id: is_enhanced_deflate
        type: b1
      - id: is_patch
        type: b1
      - id: is_strongly_encrypted
        type: b1
      - id: unused
        type: b4
      - id: is_utf8
        doc: Name and comment are UTF-8, else IBM437.
        type: b1
      - id: reserved
        type: b1
      - id: is_header_masked
        type: b1
      - id: reserved_2
        type: b2
  name:
    -webide-representation: '{text}'
    params:
      - id: is_utf8
        type: bool
    seq:
      - id: utf8
        type: str
        size-eos: true
        if: is_utf8
      - id: ibm437
        type: str
        size-eos: true
        encoding: IBM437
        if: not is_utf8
    instances:
      text:
        value: 'is_utf8 ? utf8 : ibm437'
  entry:
    -webide-representation: '{name} {len_uncompressed:dec} bytes {method}'
    seq:
      - id: magic
        contents: ["PK", 1, 2]
      - id: version_made_by
        type: version
      - id: version_needed
        type: version
      - id: flags
        type: flags
        size: 2
      - id: method
        type: u2
        enum: method
      - id: mtime
        doc: Local time.
        type: u4
        -lazyhex-as: dos
      - id: crc
        doc: CRC-32 of the uncompressed data.
        type: u4
      - id: len_body_field
        -orig-id: compressed size
        type: u4
      - id: len_uncompressed_field
        -orig-id: uncompressed size
        type: u4
      - id: len_name
        type: u2
      - id: len_extra
        type: u2
      - id: len_comment
        type: u2
      - id: disk_number
        type: u2
      - id: internal_attributes
        type: u2
      - id: external_attributes
        doc: The upper half is the Unix mode, if the host is Unix.
        type: u4
      - id: ofs_header_field
        -orig-id: relative offset of local header
        type: u4
      - id: name
        size: len_name
        type: name(flags.is_utf8)
      - id: extra
        size: len_extra
        type: |
          extra_fields(len_uncompressed_field == 0xffffffff, len_body_field == 0xffffffff,
          ofs_header_field == 0xffffffff, disk_number == 0xffff)
      - id: comment
        size: len_comment
        type: name(flags.is_utf8)
    instances:
      len_body:
        value: |
          len_body_field != 0xffffffff ? len_body_field
            : extra.has_zip64 ? extra.zip64.len_body : len_body_field
      len_uncompressed:
        value: |
          len_uncompressed_field != 0xffffffff ? len_uncompressed_field
            : extra.has_zip64 ? extra.zip64.len_uncompressed : len_uncompressed_field
      ofs_header:
        value: |
          _root.end_search.len_before + (ofs_header_field != 0xffffffff ? ofs_header_field
            : extra.has_zip64 ? extra.zip64.ofs_header : ofs_header_field)
      unix_mode:
        value: external_attributes >> 16
        if: version_made_by.host == host::unix
        -lazyhex-as: octal
      local_file:
        io: _root._io
        pos: ofs_header
        type: local_file(len_body)
  local_file:
    -webide-representation: '{name} {len_body:dec} bytes {method}'
    params:
      - id: len_known
        doc: The length that the directory gives, or -1.
        type: s8
    seq:
      - id: magic
        contents: ["PK", 3, 4]
      - id: version_needed
        type: version
      - id: flags
        type: flags
        size: 2
      - id: method
        type: u2
        enum: method
      - id: mtime
        type: u4
        -lazyhex-as: dos
      - id: crc
        type: u4
      - id: len_body_field
        -orig-id: compressed size
        type: u4
      - id: len_uncompressed_field
        -orig-id: uncompressed size
        type: u4
      - id: len_name
        type: u2
      - id: len_extra
        type: u2
      - id: name
        size: len_name
        type: name(flags.is_utf8)
      - id: extra
        size: len_extra
        type: |
          extra_fields(len_uncompressed_field == 0xffffffff, len_body_field == 0xffffffff,
          false, false)
      - id: body
        size: len_body
        if: is_len_known
      - id: data_descriptor
        type: data_descriptor(len_body_field == 0xffffffff)
        if: flags.has_data_descriptor and is_len_known
    instances:
      is_len_known:
        value: len_known >= 0 or not flags.has_data_descriptor or len_body_field != 0
      len_body:
        value: |
          len_known >= 0 ? len_known
            : len_body_field != 0xffffffff ? len_body_field
            : extra.has_zip64 ? extra.zip64.len_body : len_body_field
      next_signature:
        doc: The bytes after the member.
        pos: _io.pos
        type: u4
        if: _io.size - _io.pos >= 4
      is_followed:
        value: '_io.size - _io.pos >= 4 and is_len_known ? next_signature == 0x04034b50 : false'
  data_descriptor:
    params:
      - id: is_zip64
        type: bool
    seq:
      - id: magic
        doc: Many have none.
        type: u4
        if: first_word == 0x08074b50
      - id: crc
        type: u4
      - id: len_body
        type:
          switch-on: is_zip64
          cases:
            true: u8
            false: u4
      - id: len_uncompressed
        type:
          switch-on: is_zip64
          cases:
            true: u8
            false: u4
    instances:
      first_word:
        pos: _io.pos
        type: u4
  extra_fields:
    params:
      - id: has_len_uncompressed
        type: bool
      - id: has_len_body
        type: bool
      - id: has_ofs_header
        type: bool
      - id: has_disk_number
        type: bool
    seq:
      - id: fields
        type: extra_field
        repeat: until
        repeat-until: _io.size - _io.pos < 4
        if: _io.size >= 4
      - id: padding
        size-eos: true
    instances:
      up_to_zip64:
        pos: 0
        type: extra_field
        repeat: until
        repeat-until: _.id == extra_id::zip64 or _io.size - _io.pos < 4
        if: _io.size >= 4
      has_zip64:
        value: '_io.size >= 4 ? up_to_zip64.last.id == extra_id::zip64 : false'
      zip64:
        value: up_to_zip64.last.body.as<zip64_field>
        if: has_zip64
  extra_field:
    -webide-representation: '{id} {body}'
    seq:
      - id: id
        type: u2
        enum: extra_id
      - id: len_body
        type: u2
      - id: body
        size: len_body
        type:
          switch-on: id
          cases:
            'extra_id::zip64': zip64_field
            'extra_id::extended_timestamp': extended_timestamp
            'extra_id::ntfs': ntfs_field
            'extra_id::unix': unix_field
            'extra_id::unicode_path': unicode_text
            'extra_id::unicode_comment': unicode_text
            'extra_id::aes': aes_field
  zip64_field:
    doc: Has the fields that are -1 in the header.
    seq:
      - id: len_uncompressed
        type: u8
        if: _parent._parent.has_len_uncompressed and _io.size - _io.pos >= 8
      - id: len_body
        type: u8
        if: _parent._parent.has_len_body and _io.size - _io.pos >= 8
      - id: ofs_header
        type: u8
        if: _parent._parent.has_ofs_header and _io.size - _io.pos >= 8
      - id: disk_number
        type: u4
        if: _parent._parent.has_disk_number and _io.size - _io.pos >= 4
  extended_timestamp:
    -webide-representation: '{mtime}'
    seq:
      - id: has_mtime
        type: b1
      - id: has_atime
        type: b1
      - id: has_ctime
        type: b1
      - id: reserved
        type: b5
      - id: mtime
        type: s4
        -lazyhex-as: time32
        if: has_mtime and _io.size - _io.pos >= 4
      - id: atime
        doc: Only in the local header.
        type: s4
        -lazyhex-as: time32
        if: has_atime and _io.size - _io.pos >= 4
      - id: ctime
        type: s4
        -lazyhex-as: time32
        if: has_ctime and _io.size - _io.pos >= 4
  ntfs_field:
    seq:
      - id: reserved
        type: u4
      - id: attributes
        type: ntfs_attribute
        repeat: eos
  ntfs_attribute:
    seq:
      - id: tag
        type: u2
      - id: len_body
        type: u2
      - id: body
        size: len_body
        type:
          switch-on: tag
          cases:
            1: ntfs_times
  ntfs_times:
    -webide-representation: '{mtime}'
    seq:
      - id: mtime
        type: u8
        -lazyhex-as: filetime
      - id: atime
        type: u8
        -lazyhex-as: filetime
      - id: ctime
        type: u8
        -lazyhex-as: filetime
  unix_field:
    seq:
      - id: version
        type: u1
      - id: len_uid
        type: u1
      - id: uid
        size: len_uid
      - id: len_gid
        type: u1
      - id: gid
        size: len_gid
  unicode_text:
    -webide-representation: '{text}'
    seq:
      - id: version
        type: u1
      - id: crc
        doc: CRC-32 of the text in the header.
        type: u4
      - id: text
        type: str
        size-eos: true
  aes_field:
    -webide-representation: '{strength} {method}'
    seq:
      - id: version
        type: u2
      - id: vendor
        type: str
        size: 2
        encoding: ASCII
      - id: strength
        type: u1
        enum: aes_strength
      - id: method
        type: u2
        enum: method
enums:
  host:
    0: dos
    1: amiga
    2: openvms
    3: unix
    4: vm_cms
    5: atari_st
    6: os2_hpfs
    7: macintosh
    8: z_system
    9: cpm
    10: ntfs
    11: mvs
    12: vse
    13: acorn_risc
    14: vfat
    15: alternate_mvs
    16: beos
    17: tandem
    18: os_400
    19: darwin
  method:
    0: stored
    1: shrunk
    2: reduced_1
    3: reduced_2
    4: reduced_3
    5: reduced_4
    6: imploded
    8: deflated
    9: deflate64
    10: dcl_imploded
    12: bzip2
    14: lzma
    16: cmpsc
    18: terse
    19: lz77
    20: zstd_old
    93: zstd
    94: mp3
    95: xz
    96: jpeg
    97: wavpack
    98: ppmd
    99: aes
  extra_id:
    0x0001: zip64
    0x0007: av_info
    0x0009: os2
    0x000a: ntfs
    0x000d: unix_old
    0x0014: x509
    0x0017: strong_encryption
    0x5455: extended_timestamp
    0x5855: info_zip_unix
    0x6375: unicode_comment
    0x7075: unicode_path
    0x7855: info_zip_unix_2
    0x7875: unix
    0x9901: aes
    0xa11e: apk_alignment
    0xcafe: java
  aes_strength:
    1: bits_128
    2: bits_192
    3: bits_256
