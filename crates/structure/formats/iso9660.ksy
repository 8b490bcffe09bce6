meta:
  id: iso9660
  title: ISO 9660 file system
  file-extension: [iso, img]
  license: MIT OR Apache-2.0
  endian: le
  encoding: ASCII
  -lazyhex-magic:
    - {at: 32769, bytes: [0x43, 0x44, 0x30, 0x30, 0x31]}
doc: >-
  Volume descriptors in sectors of 2,048 bytes, then path tables, directories and files.
  Joliet names, Rock Ridge names and the boot catalog of El Torito are read too.
doc-ref: https://ecma-international.org/publications-and-standards/standards/ecma-119/
seq:
  - id: system_area
    size: 32768
  - id: volume_descriptors
    type: volume_descriptor
    size: 2048
    repeat: until
    repeat-until: _.descriptor_type == descriptor_type::terminator
types:
  volume_descriptor:
    -webide-representation: '{descriptor_type} {body.volume_id.text}'
    seq:
      - id: descriptor_type
        type: u1
        enum: descriptor_type
      - id: standard_id
        contents: CD001
      - id: version
        type: u1
      - id: body
        size-eos: true
        type:
          switch-on: descriptor_type
          cases:
            'descriptor_type::boot_record': boot_record
            'descriptor_type::primary': volume(false)
            'descriptor_type::supplementary': volume(true)
  u2_both:
    -webide-representation: '{le:dec}'
    doc: A number in both byte orders.
    seq:
      - id: le
        type: u2le
      - id: be
        type: u2be
  u4_both:
    -webide-representation: '{le:dec}'
    doc: A number in both byte orders.
    seq:
      - id: le
        type: u4le
      - id: be
        type: u4be
  identifier:
    -webide-representation: '{text}{text_ucs2}'
    params:
      - id: is_joliet
        type: bool
    seq:
      - id: text
        type: str
        size-eos: true
        pad-right: 0x20
        if: not is_joliet
      - id: text_ucs2
        type: str
        size: _io.size - _io.size % 2
        encoding: UTF-16BE
        if: is_joliet
  volume:
    params:
      - id: is_supplementary
        type: bool
    seq:
      - id: volume_flags
        type: u1
      - id: system_id
        size: 32
        type: identifier(is_joliet)
      - id: volume_id
        size: 32
        type: identifier(is_joliet)
      - id: unused
        size: 8
      - id: volume_space_size
        type: u4_both
        doc: In logical blocks.
      - id: escape_sequences
        size: 32
        doc: Empty in the primary descriptor.
      - id: volume_set_size
        type: u2_both
      - id: volume_sequence_number
        type: u2_both
      - id: logical_block_size
        type: u2_both
      - id: len_path_table
        type: u4_both
      - id: location_l_path_table
        type: u4le
      - id: location_optional_l_path_table
        type: u4le
      - id: location_m_path_table
        type: u4be
      - id: location_optional_m_path_table
        type: u4be
      - id: root_directory_record
        size: 34
        type: directory_record(true, is_joliet, logical_block_size.le, 0)
      - id: volume_set_id
        size: 128
        type: identifier(is_joliet)
      - id: publisher_id
        size: 128
        type: identifier(is_joliet)
      - id: data_preparer_id
        size: 128
        type: identifier(is_joliet)
      - id: application_id
        size: 128
        type: identifier(is_joliet)
      - id: copyright_file_id
        size: 37
        type: identifier(is_joliet)
      - id: abstract_file_id
        size: 37
        type: identifier(is_joliet)
      - id: bibliographic_file_id
        size: 37
        type: identifier(is_joliet)
      - id: creation_time
        type: decimal_time
      - id: modification_time
        type: decimal_time
      - id: expiration_time
        type: decimal_time
      - id: effective_time
        type: decimal_time
      - id: file_structure_version
        type: u1
      - id: reserved
        type: u1
      - id: application_use
        size: 512
      - id: reserved_end
        size: 653
    instances:
      escape:
        pos: 81
        size: 3
        doc: The first escape sequence, which tells whether names are those of Joliet.
      is_joliet:
        value: >-
          is_supplementary and escape[0] == 0x25 and escape[1] == 0x2f
          and (escape[2] == 0x40 or escape[2] == 0x43 or escape[2] == 0x45)
      l_path_table:
        io: _root._io
        pos: location_l_path_table * logical_block_size.le
        size: len_path_table.le
        type: l_path_table(is_joliet)
      m_path_table:
        io: _root._io
        pos: location_m_path_table * logical_block_size.le
        size: len_path_table.le
        type: m_path_table(is_joliet)
        if: location_m_path_table != 0
  decimal_time:
    -webide-representation: '{year}-{month}-{day} {hour}:{minute}:{second}'
    seq:
      - id: year
        type: str
        size: 4
      - id: month
        type: str
        size: 2
      - id: day
        type: str
        size: 2
      - id: hour
        type: str
        size: 2
      - id: minute
        type: str
        size: 2
      - id: second
        type: str
        size: 2
      - id: hundredths
        type: str
        size: 2
      - id: utc_offset
        type: s1
        doc: In quarters of an hour.
  record_time:
    -webide-representation: '{year:dec}-{month:dec}-{day:dec} {hour:dec}:{minute:dec}:{second:dec}'
    seq:
      - id: years_since_1900
        type: u1
      - id: month
        type: u1
      - id: day
        type: u1
      - id: hour
        type: u1
      - id: minute
        type: u1
      - id: second
        type: u1
      - id: utc_offset
        type: s1
        doc: In quarters of an hour.
    instances:
      year:
        value: 1900 + years_since_1900
  l_path_table:
    params:
      - id: is_joliet
        type: bool
    seq:
      - id: records
        type: l_path_record(is_joliet)
        repeat: eos
  l_path_record:
    -webide-representation: '{name.text}{name.text_ucs2}'
    params:
      - id: is_joliet
        type: bool
    seq:
      - id: len_name
        type: u1
      - id: len_extended_attributes
        type: u1
      - id: location
        type: u4le
      - id: parent_number
        type: u2le
        doc: Counts from 1; the root is its own parent.
      - id: name
        size: len_name
        type: identifier(is_joliet and len_name > 1)
      - id: padding
        size: len_name % 2
  m_path_table:
    params:
      - id: is_joliet
        type: bool
    seq:
      - id: records
        type: m_path_record(is_joliet)
        repeat: eos
  m_path_record:
    -webide-representation: '{name.text}{name.text_ucs2}'
    params:
      - id: is_joliet
        type: bool
    seq:
      - id: len_name
        type: u1
      - id: len_extended_attributes
        type: u1
      - id: location
        type: u4be
      - id: parent_number
        type: u2be
      - id: name
        size: len_name
        type: identifier(is_joliet and len_name > 1)
      - id: padding
        size: len_name % 2
  directory:
    params:
      - id: is_joliet
        type: bool
      - id: block_size
        type: u2
    seq:
      - id: records
        type: directory_record(false, is_joliet, block_size, _io.pos)
        repeat: eos
  directory_record:
    -webide-representation: '{entry.name.text}{entry.name.text_ucs2} {entry.len_data}'
    doc: A length of 0 means that the rest of the sector is not used.
    params:
      - id: is_top
        type: bool
      - id: is_joliet
        type: bool
      - id: block_size
        type: u2
      - id: ofs_record
        type: u4
    seq:
      - id: len_record
        type: u1
      - id: entry
        size: len_record - 1
        type: directory_entry(is_top, is_joliet, block_size)
        if: len_record != 0
      - id: sector_padding
        size: 2047 - ofs_record % 2048
        if: len_record == 0
  directory_entry:
    params:
      - id: is_top
        type: bool
        doc: Whether this is the record in the volume descriptor.
      - id: is_joliet
        type: bool
      - id: block_size
        type: u2
    seq:
      - id: len_extended_attributes
        type: u1
        doc: In logical blocks.
      - id: location
        type: u4_both
      - id: len_data
        type: u4_both
      - id: recording_time
        type: record_time
      - id: flags
        type: file_flags
      - id: file_unit_size
        type: u1
        doc: Not 0 if the file is interleaved.
      - id: interleave_gap_size
        type: u1
      - id: volume_sequence_number
        type: u2_both
      - id: len_name
        type: u1
      - id: name
        size: len_name
        type: identifier(is_joliet and len_name > 1)
      - id: padding
        size: 1 - len_name % 2
        if: _io.size > _io.pos
      - id: system_use
        size-eos: true
        type: system_use
        if: _io.size > _io.pos
    instances:
      first_byte:
        pos: 32
        type: u1
        if: len_name != 0
      is_self_or_parent:
        value: len_name == 1 and first_byte <= 1
        doc: Named by the byte 0 or 1.
      ofs_data:
        value: (location.le + len_extended_attributes) * block_size
      data:
        io: _root._io
        pos: ofs_data
        size: len_data.le
        if: not flags.directory
      directory:
        io: _root._io
        pos: ofs_data
        size: len_data.le
        type: directory(is_joliet, block_size)
        if: flags.directory and (is_top or not is_self_or_parent)
  file_flags:
    meta:
      bit-endian: le
    seq:
      - {id: hidden, type: b1}
      - {id: directory, type: b1}
      - {id: associated, type: b1}
      - {id: record, type: b1}
      - {id: protection, type: b1}
      - {id: reserved, type: b2}
      - {id: multi_extent, type: b1}
  system_use:
    doc: Entries of the System Use Sharing Protocol, such as those of Rock Ridge.
    seq:
      - id: entries
        type: system_use_entry
        repeat: until
        repeat-until: _io.size - _io.pos < 4 or _.signature == susp_signature::terminator
        if: _io.size >= 4
      - id: rest
        size-eos: true
  system_use_entry:
    -webide-representation: '{signature} {data.name}'
    seq:
      - id: signature
        type: u2be
        enum: susp_signature
      - id: len_entry
        type: u1
      - id: version
        type: u1
      - id: data
        size: >-
          len_entry < 4 ? 0
          : len_entry - 4 < _io.size - _io.pos ? len_entry - 4 : _io.size - _io.pos
        type:
          switch-on: signature
          cases:
            'susp_signature::alternate_name': alternate_name
            'susp_signature::posix_attributes': posix_attributes
            'susp_signature::continuation': continuation
            'susp_signature::extension_reference': extension_reference
  alternate_name:
    seq:
      - id: flags
        type: u1
      - id: name
        type: str
        size-eos: true
        encoding: UTF-8
  posix_attributes:
    seq:
      - id: mode
        type: u4_both
      - id: num_links
        type: u4_both
      - id: user_id
        type: u4_both
      - id: group_id
        type: u4_both
      - id: serial_number
        type: u4_both
        if: not _io.eof
  continuation:
    seq:
      - id: location
        type: u4_both
      - id: ofs_area
        type: u4_both
      - id: len_area
        type: u4_both
    instances:
      area:
        io: _root._io
        pos: location.le * 2048 + ofs_area.le
        size: len_area.le
        type: system_use
  extension_reference:
    -webide-representation: '{id}'
    seq:
      - id: len_id
        type: u1
      - id: len_descriptor
        type: u1
      - id: len_source
        type: u1
      - id: version
        type: u1
      - id: id
        type: str
        size: len_id
      - id: descriptor
        type: str
        size: len_descriptor
      - id: source
        type: str
        size: len_source
  boot_record:
    seq:
      - id: boot_system_id
        type: strz
        size: 32
      - id: boot_id
        type: strz
        size: 32
      - id: location_boot_catalog
        type: u4
        doc: Sector of the boot catalog of El Torito.
      - id: boot_system_use
        size-eos: true
    instances:
      boot_catalog:
        io: _root._io
        pos: location_boot_catalog * 2048
        size: 2048
        type: boot_catalog
        if: boot_system_id == "EL TORITO SPECIFICATION"
  boot_catalog:
    seq:
      - id: validation_entry
        type: validation_entry
        size: 32
      - id: initial_entry
        type: boot_entry
        size: 32
      - id: sections
        type: boot_section
        repeat: until
        repeat-until: _.header_id != 0x90
        if: next_id == 0x90 or next_id == 0x91
    instances:
      next_id:
        pos: 64
        type: u1
  validation_entry:
    seq:
      - id: header_id
        type: u1
        valid: 1
      - id: platform
        type: u1
        enum: platform
      - id: reserved
        type: u2
      - id: manufacturer
        type: strz
        size: 24
      - id: checksum
        type: u2
        doc: Makes the sum of all words of the entry 0.
      - id: key
        contents: [0x55, 0xaa]
  boot_section:
    seq:
      - id: header_id
        type: u1
        doc: 0x91 in the last section.
      - id: platform
        type: u1
        enum: platform
      - id: num_entries
        type: u2
      - id: section_id
        type: strz
        size: 28
      - id: entries
        type: boot_entry
        size: 32
        repeat: expr
        repeat-expr: num_entries
  boot_entry:
    -webide-representation: '{boot_indicator} {media_type} at sector {location:dec}'
    meta:
      bit-endian: le
    seq:
      - id: boot_indicator
        type: u1
        enum: boot_indicator
      - id: media_type
        type: b4
        enum: media_type
      - id: media_flags
        type: b4
      - id: load_segment
        type: u2
        doc: 0 means 0x7c0.
      - id: system_type
        type: u1
      - id: unused
        type: u1
      - id: num_sectors
        type: u2
        doc: Sectors of 512 bytes to load.
      - id: location
        type: u4
    instances:
      image:
        io: _root._io
        pos: location * 2048
        size: num_sectors * 512
enums:
  descriptor_type:
    0: boot_record
    1: primary
    2: supplementary
    3: partition
    255: terminator
  susp_signature:
    0x4345: continuation
    0x434c: child_link
    0x4552: extension_reference
    0x4553: extension_selector
    0x4e4d: alternate_name
    0x5044: padding
    0x504c: parent_link
    0x504e: device_number
    0x5058: posix_attributes
    0x5245: relocated
    0x5252: rock_ridge
    0x5346: sparse_file
    0x534c: symbolic_link
    0x5350: sharing_protocol
    0x5354: terminator
    0x5446: time_stamps
    0x5a46: zisofs
  platform:
    0x00: x86
    0x01: power_pc
    0x02: mac
    0xef: efi
  boot_indicator:
    0x00: not_bootable
    0x88: bootable
  media_type:
    0: no_emulation
    1: floppy_1200k
    2: floppy_1440k
    3: floppy_2880k
    4: hard_disk
