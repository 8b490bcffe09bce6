# Recognised by "MZ" and by "PE" at the offset in `ofs_pe`. A DOS program has only the
# first part. Addresses in directories are relative to the loaded image; `location` finds the
# section that holds one.
meta:
  id: pe
  title: Portable Executable (PE, COFF)
  application: Windows, UEFI, .NET
  file-extension: [exe, dll, sys, efi, ocx, scr, cpl, drv, mui, winmd, pyd, node, com]
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
  bit-endian: le
doc: Program or library for Windows, preceded by a DOS program.
doc-ref: https://learn.microsoft.com/en-us/windows/win32/debug/pe-format
seq:
  - id: magic
    -orig-id: e_magic
    contents: MZ
  - id: dos_header
    type: dos_header
instances:
  dos_stub:
    doc: Rest of the DOS program.
    pos: 64
    size: dos_header.ofs_pe - 64
    if: dos_header.ofs_pe > 64 and dos_header.ofs_pe < _io.size
  pe:
    pos: dos_header.ofs_pe
    type: nt_headers
    if: dos_header.ofs_pe >= 4 and dos_header.ofs_pe < _io.size - 24
types:
  dos_header:
    seq:
      - id: num_last_page_bytes
        -orig-id: e_cblp
        type: u2
        valid:
          max: 511
      - id: num_pages
        -orig-id: e_cp
        type: u2
      - id: num_relocations
        -orig-id: e_crlc
        type: u2
      - id: num_header_paragraphs
        -orig-id: e_cparhdr
        type: u2
        valid:
          expr: _ * 16 <= num_pages * 512
      - id: min_extra_paragraphs
        -orig-id: e_minalloc
        type: u2
      - id: max_extra_paragraphs
        -orig-id: e_maxalloc
        type: u2
      - id: initial_ss
        -orig-id: e_ss
        type: u2
      - id: initial_sp
        -orig-id: e_sp
        type: u2
      - id: checksum
        -orig-id: e_csum
        type: u2
      - id: initial_ip
        -orig-id: e_ip
        type: u2
      - id: initial_cs
        -orig-id: e_cs
        type: u2
      - id: ofs_relocations
        -orig-id: e_lfarlc
        type: u2
      - id: overlay_number
        -orig-id: e_ovno
        type: u2
      - id: reserved_1
        -orig-id: e_res
        size: 8
      - id: oem_id
        -orig-id: e_oemid
        type: u2
      - id: oem_info
        -orig-id: e_oeminfo
        type: u2
      - id: reserved_2
        -orig-id: e_res2
        size: 20
      - id: ofs_pe
        -orig-id: e_lfanew
        type: u4
  nt_headers:
    seq:
      - id: signature
        contents: ["PE", 0, 0]
      - id: coff_header
        type: coff_header
      - id: optional_header
        size: coff_header.len_optional_header
        type: optional_header
        if: coff_header.len_optional_header != 0
      - id: sections
        type: section
        size: 40
        repeat: expr
        repeat-expr: coff_header.num_sections
    instances:
      exports:
        io: _root._io
        pos: optional_header.data_directories[0].location.offset
        type: export_directory
        if: has_exports
      imports:
        io: _root._io
        pos: optional_header.data_directories[1].location.offset
        type: import_descriptor
        repeat: until
        repeat-until: _.is_end
        if: has_imports
      resources:
        io: _root._io
        pos: optional_header.data_directories[2].location.offset
        size: |
          optional_header.data_directories[2].len_body > optional_header.data_directories[2].location.num_bytes_left
            ? optional_header.data_directories[2].location.num_bytes_left
            : optional_header.data_directories[2].len_body
        type: resources
        if: has_resources
      exception_functions:
        io: _root._io
        pos: optional_header.data_directories[3].location.offset
        size: optional_header.data_directories[3].len_body
        type: exception_table
        if: has_exceptions
      certificates:
        doc: Signatures. This directory holds a file offset, not an address.
        io: _root._io
        pos: optional_header.data_directories[4].address
        size: optional_header.data_directories[4].len_body
        type: certificates
        if: has_certificates
      base_relocations:
        io: _root._io
        pos: optional_header.data_directories[5].location.offset
        size: optional_header.data_directories[5].len_body
        type: base_relocations
        if: has_base_relocations
      debug_entries:
        io: _root._io
        pos: optional_header.data_directories[6].location.offset
        size: 28
        type: debug_entry
        repeat: expr
        repeat-expr: optional_header.data_directories[6].len_body / 28
        if: has_debug
      thread_local_storage:
        io: _root._io
        pos: optional_header.data_directories[9].location.offset
        type: tls_directory
        if: has_tls
      load_config:
        io: _root._io
        pos: optional_header.data_directories[10].location.offset
        type: load_config
        if: has_load_config
      delay_imports:
        io: _root._io
        pos: optional_header.data_directories[13].location.offset
        size: 32
        type: delay_import
        repeat: until
        repeat-until: _.address_of_name == 0
        if: has_delay_imports
      clr_header:
        io: _root._io
        pos: optional_header.data_directories[14].location.offset
        type: clr_header
        if: has_clr
      has_exports:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 0
            ? optional_header.data_directories[0].address != 0
              and optional_header.data_directories[0].location.is_found : false
      has_imports:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 1
            ? optional_header.data_directories[1].address != 0
              and optional_header.data_directories[1].location.is_found : false
      has_resources:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 2
            ? optional_header.data_directories[2].address != 0
              and optional_header.data_directories[2].location.is_found : false
      has_exceptions:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 3
            ? optional_header.data_directories[3].address != 0
              and optional_header.data_directories[3].location.is_found : false
      has_base_relocations:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 5
            ? optional_header.data_directories[5].address != 0
              and optional_header.data_directories[5].location.is_found : false
      has_debug:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 6
            ? optional_header.data_directories[6].address != 0
              and optional_header.data_directories[6].location.is_found : false
      has_tls:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 9
            ? optional_header.data_directories[9].address != 0
              and optional_header.data_directories[9].location.is_found : false
      has_load_config:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 10
            ? optional_header.data_directories[10].address != 0
              and optional_header.data_directories[10].location.is_found : false
      has_delay_imports:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 13
            ? optional_header.data_directories[13].address != 0
              and optional_header.data_directories[13].location.is_found : false
      has_clr:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 14
            ? optional_header.data_directories[14].address != 0
              and optional_header.data_directories[14].location.is_found : false
      has_certificates:
        value: |
          coff_header.len_optional_header != 0 and optional_header.num_data_directories > 4
            ? optional_header.data_directories[4].address != 0
              and optional_header.data_directories[4].len_body != 0 : false
      symbols:
        io: _root._io
        pos: coff_header.ofs_symbols
        size: coff_header.num_symbols * 18
        type: symbol_table
        if: coff_header.ofs_symbols != 0 and coff_header.num_symbols != 0
      strings:
        doc: Names longer than eight characters.
        io: _root._io
        pos: coff_header.ofs_symbols + coff_header.num_symbols * 18
        type: string_table
        if: coff_header.ofs_symbols != 0
  coff_header:
    seq:
      - id: machine
        -orig-id: Machine
        type: u2
        enum: machine
      - id: num_sections
        -orig-id: NumberOfSections
        type: u2
      - id: timestamp
        -orig-id: TimeDateStamp
        doc: A hash of the contents in reproducible builds.
        type: u4
        -lazyhex-as: time32
      - id: ofs_symbols
        -orig-id: PointerToSymbolTable
        type: u4
      - id: num_symbols
        -orig-id: NumberOfSymbols
        type: u4
      - id: len_optional_header
        -orig-id: SizeOfOptionalHeader
        type: u2
      - id: characteristics
        -orig-id: Characteristics
        size: 2
        type: characteristics
  characteristics:
    -webide-representation: '{:flags}'
    seq:
      - id: relocs_stripped
        type: b1
      - id: executable_image
        type: b1
      - id: line_nums_stripped
        type: b1
      - id: local_syms_stripped
        type: b1
      - id: aggressive_ws_trim
        type: b1
      - id: large_address_aware
        type: b1
      - id: reserved
        type: b1
      - id: bytes_reversed_lo
        type: b1
      - id: machine_32bit
        type: b1
      - id: debug_stripped
        type: b1
      - id: removable_run_from_swap
        type: b1
      - id: net_run_from_swap
        type: b1
      - id: system
        type: b1
      - id: dll
        type: b1
      - id: up_system_only
        type: b1
      - id: bytes_reversed_hi
        type: b1
  optional_header:
    -webide-representation: '{format} {subsystem}'
    seq:
      - id: format
        -orig-id: Magic
        type: u2
        enum: optional_format
      - id: linker_version_major
        type: u1
      - id: linker_version_minor
        type: u1
      - id: len_code
        -orig-id: SizeOfCode
        type: u4
      - id: len_initialized_data
        -orig-id: SizeOfInitializedData
        type: u4
      - id: len_uninitialized_data
        -orig-id: SizeOfUninitializedData
        type: u4
      - id: entry_point
        -orig-id: AddressOfEntryPoint
        type: u4
      - id: base_of_code
        -orig-id: BaseOfCode
        type: u4
      - id: base_of_data
        -orig-id: BaseOfData
        type: u4
        if: format == optional_format::pe32
      - id: image_base
        -orig-id: ImageBase
        type: { switch-on: format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: section_alignment
        -orig-id: SectionAlignment
        type: u4
      - id: file_alignment
        -orig-id: FileAlignment
        type: u4
      - id: os_version_major
        type: u2
      - id: os_version_minor
        type: u2
      - id: image_version_major
        type: u2
      - id: image_version_minor
        type: u2
      - id: subsystem_version_major
        type: u2
      - id: subsystem_version_minor
        type: u2
      - id: win32_version
        type: u4
      - id: len_image
        -orig-id: SizeOfImage
        type: u4
      - id: len_headers
        -orig-id: SizeOfHeaders
        type: u4
      - id: checksum
        -orig-id: CheckSum
        type: u4
      - id: subsystem
        -orig-id: Subsystem
        type: u2
        enum: subsystem
      - id: dll_characteristics
        -orig-id: DllCharacteristics
        size: 2
        type: dll_characteristics
      - id: len_stack_reserve
        -orig-id: SizeOfStackReserve
        type: { switch-on: format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: len_stack_commit
        -orig-id: SizeOfStackCommit
        type: { switch-on: format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: len_heap_reserve
        -orig-id: SizeOfHeapReserve
        type: { switch-on: format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: len_heap_commit
        -orig-id: SizeOfHeapCommit
        type: { switch-on: format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: loader_flags
        type: u4
      - id: num_data_directories
        -orig-id: NumberOfRvaAndSizes
        type: u4
      - id: data_directories
        type: data_directory(_index)
        size: 8
        repeat: expr
        repeat-expr: 'num_data_directories > 16 ? 16 : num_data_directories'
  dll_characteristics:
    -webide-representation: '{:flags}'
    seq:
      - id: reserved
        type: b5
      - id: high_entropy_va
        type: b1
      - id: dynamic_base
        type: b1
      - id: force_integrity
        type: b1
      - id: nx_compatible
        type: b1
      - id: no_isolation
        type: b1
      - id: no_seh
        type: b1
      - id: no_bind
        type: b1
      - id: app_container
        type: b1
      - id: wdm_driver
        type: b1
      - id: guard_cf
        type: b1
      - id: terminal_server_aware
        type: b1
  data_directory:
    -webide-representation: '{type} {address:hex}, {len_body} bytes'
    params:
      - id: index
        type: u1
    seq:
      - id: address
        -orig-id: VirtualAddress
        type: u4
      - id: len_body
        -orig-id: Size
        type: u4
    instances:
      type:
        value: index
        enum: directory_type
      location:
        type: location(address)
        if: address != 0
  location:
    doc: File offset of an address.
    -webide-representation: '{offset:hex}'
    params:
      - id: address
        type: u4
    instances:
      probes:
        doc: Tests each section up to the one that holds the address. Takes no bytes.
        type: section_probe(address, _index)
        repeat: until
        repeat-until: _.is_here or _.section_index + 1 == _root.pe.coff_header.num_sections
        if: _root.pe.coff_header.num_sections != 0
      is_in_headers:
        value: address < _root.pe.optional_header.len_headers
      is_in_section:
        value: '_root.pe.coff_header.num_sections != 0 ? probes.last.is_here : false'
      is_found:
        value: is_in_section or is_in_headers
      offset:
        value: |
          is_in_section ? address - probes.last.section.virtual_address + probes.last.section.ofs_body
            : address
      num_bytes_left:
        doc: Bytes from here to the end of the section.
        value: |
          is_in_section ? probes.last.section.virtual_address + probes.last.section.len_body - address
            : 0
  section_probe:
    params:
      - id: address
        type: u4
      - id: section_index
        type: u2
    instances:
      section:
        value: _root.pe.sections[section_index]
      is_here:
        value: |
          address >= section.virtual_address
            and address - section.virtual_address < section.len_body
  section:
    -webide-representation: '{name} {ofs_body:hex}, {len_body} bytes'
    seq:
      - id: short_name
        -orig-id: Name
        size: 8
        type: strz
        eos-error: false
      - id: len_in_memory
        -orig-id: VirtualSize
        type: u4
      - id: virtual_address
        -orig-id: VirtualAddress
        type: u4
      - id: len_body
        -orig-id: SizeOfRawData
        type: u4
      - id: ofs_body
        -orig-id: PointerToRawData
        type: u4
      - id: ofs_relocations
        -orig-id: PointerToRelocations
        type: u4
      - id: ofs_line_numbers
        -orig-id: PointerToLinenumbers
        type: u4
      - id: num_relocations
        -orig-id: NumberOfRelocations
        type: u2
      - id: num_line_numbers
        -orig-id: NumberOfLinenumbers
        type: u2
      - id: characteristics
        -orig-id: Characteristics
        size: 4
        type: section_characteristics
    instances:
      has_long_name:
        value: |
          short_name.length > 1 and short_name.substring(0, 1) == "/"
            and short_name.substring(1, 2) >= "0" and short_name.substring(1, 2) <= "9"
            and _root.pe.coff_header.ofs_symbols != 0
      long_name:
        doc: A slash and a number refer to a name in the string table.
        io: _root._io
        pos: |
          _root.pe.coff_header.ofs_symbols + _root.pe.coff_header.num_symbols * 18
            + short_name.substring(1, short_name.length).to_i
        type: strz
        if: has_long_name
      name:
        value: 'has_long_name ? long_name : short_name'
      body:
        io: _root._io
        pos: ofs_body
        size: len_body
        if: ofs_body != 0 and len_body != 0
  section_characteristics:
    -webide-representation: '{:flags}'
    seq:
      - id: reserved_1
        type: b3
      - id: type_no_pad
        type: b1
      - id: reserved_2
        type: b1
      - id: contains_code
        type: b1
      - id: contains_initialized_data
        type: b1
      - id: contains_uninitialized_data
        type: b1
      - id: link_other
        type: b1
      - id: link_info
        type: b1
      - id: reserved_3
        type: b1
      - id: link_remove
        type: b1
      - id: link_comdat
        type: b1
      - id: reserved_4
        type: b2
      - id: gp_relative
        type: b1
      - id: reserved_5
        type: b1
      - id: memory_purgeable
        type: b1
      - id: memory_locked
        type: b1
      - id: memory_preload
        type: b1
      - id: log_alignment_plus_1
        type: b4
      - id: extended_relocations
        type: b1
      - id: memory_discardable
        type: b1
      - id: memory_not_cached
        type: b1
      - id: memory_not_paged
        type: b1
      - id: memory_shared
        type: b1
      - id: memory_execute
        type: b1
      - id: memory_read
        type: b1
      - id: memory_write
        type: b1
  string_table:
    seq:
      - id: len_table
        doc: Includes these bytes.
        type: u4
      - id: strings
        size: len_table - 4
        type: strings
        if: len_table > 4
  strings:
    seq:
      - id: entries
        type: strz
        repeat: eos
        eos-error: false
  symbol_table:
    seq:
      - id: entries
        type: symbol
        repeat: eos
  symbol_name:
    seq:
      - id: short_name
        doc: Empty if the name is in the string table.
        size: 8
        type: strz
        eos-error: false
    instances:
      first_word:
        pos: 0
        type: u4
      is_long:
        value: first_word == 0
      ofs_long_name:
        pos: 4
        type: u4
        if: is_long
  symbol:
    -webide-representation: '{name} {storage_class} {value:hex}'
    seq:
      - id: name_field
        size: 8
        type: symbol_name
      - id: value
        -orig-id: Value
        type: u4
      - id: section_number
        -orig-id: SectionNumber
        doc: 0 undefined, -1 absolute, -2 for debugging.
        type: s2
      - id: base_type
        type: b4
      - id: complex_type
        type: b4
        enum: complex_type
      - id: type_high
        type: u1
      - id: storage_class
        -orig-id: StorageClass
        type: u1
        enum: storage_class
      - id: num_auxiliary
        -orig-id: NumberOfAuxSymbols
        type: u1
      - id: auxiliary
        size: 18
        repeat: expr
        repeat-expr: num_auxiliary
    instances:
      long_name:
        io: _root._io
        pos: |
          _root.pe.coff_header.ofs_symbols + _root.pe.coff_header.num_symbols * 18 + name_field.ofs_long_name
        type: strz
        if: name_field.is_long
      name:
        value: 'name_field.is_long ? long_name : name_field.short_name'
  export_directory:
    -webide-representation: '{name} {num_names} names'
    seq:
      - id: flags
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
      - id: version_major
        type: u2
      - id: version_minor
        type: u2
      - id: address_of_name
        type: u4
      - id: ordinal_base
        type: u4
      - id: num_functions
        type: u4
      - id: num_names
        type: u4
      - id: address_of_functions
        type: u4
      - id: address_of_names
        type: u4
      - id: address_of_ordinals
        type: u4
    instances:
      name_location:
        type: location(address_of_name)
      name:
        pos: name_location.offset
        type: strz
        if: name_location.is_found
      functions_location:
        type: location(address_of_functions)
      functions:
        doc: Addresses in order of their ordinals. An address inside this directory is a forwarder.
        pos: functions_location.offset
        type: u4
        repeat: expr
        repeat-expr: num_functions
        if: num_functions != 0
      names_location:
        type: location(address_of_names)
      names:
        pos: names_location.offset
        type: string_address
        size: 4
        repeat: expr
        repeat-expr: num_names
        if: num_names != 0
      ordinals_location:
        type: location(address_of_ordinals)
      ordinals:
        doc: For each name, the index of its function.
        pos: ordinals_location.offset
        type: u2
        repeat: expr
        repeat-expr: num_names
        if: num_names != 0
  string_address:
    -webide-representation: '{text}'
    seq:
      - id: address
        type: u4
    instances:
      location:
        type: location(address)
      text:
        io: _root._io
        pos: location.offset
        type: strz
        if: location.is_found
  import_descriptor:
    -webide-representation: '{name}'
    seq:
      - id: address_of_lookups
        -orig-id: OriginalFirstThunk
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
      - id: forwarder_chain
        type: u4
      - id: address_of_name
        -orig-id: Name
        type: u4
      - id: address_of_addresses
        -orig-id: FirstThunk
        type: u4
    instances:
      is_end:
        value: address_of_name == 0
      name_location:
        type: location(address_of_name)
        if: not is_end
      name:
        pos: name_location.offset
        type: strz
        if: 'is_end ? false : name_location.is_found'
      lookups_location:
        type: 'location(address_of_lookups != 0 ? address_of_lookups : address_of_addresses)'
        if: not is_end
      lookups:
        pos: lookups_location.offset
        type: import_lookup
        repeat: until
        repeat-until: _.raw == 0
        if: 'is_end ? false : lookups_location.is_found'
  delay_import:
    -webide-representation: '{name}'
    seq:
      - id: attributes
        doc: 1 if the addresses below are relative to the image.
        type: u4
      - id: address_of_name
        type: u4
      - id: address_of_module_handle
        type: u4
      - id: address_of_addresses
        type: u4
      - id: address_of_lookups
        type: u4
      - id: address_of_bound_addresses
        type: u4
      - id: address_of_unload_addresses
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
    instances:
      has_relative_addresses:
        value: address_of_name != 0 and attributes & 1 != 0
      name_location:
        type: location(address_of_name)
        if: has_relative_addresses
      name:
        io: _root._io
        pos: name_location.offset
        type: strz
        if: 'has_relative_addresses ? name_location.is_found : false'
      lookups_location:
        type: location(address_of_lookups)
        if: has_relative_addresses
      lookups:
        io: _root._io
        pos: lookups_location.offset
        type: import_lookup
        repeat: until
        repeat-until: _.raw == 0
        if: 'has_relative_addresses ? lookups_location.is_found : false'
  import_lookup:
    -webide-representation: '{name} {ordinal}'
    seq:
      - id: low_word
        type: u4
      - id: high_word
        type: u4
        if: is_64
    instances:
      is_64:
        value: _root.pe.optional_header.format == optional_format::pe32_plus
      raw:
        value: 'is_64 ? low_word + high_word * 0x100000000 : low_word'
      is_by_ordinal:
        value: '(is_64 ? high_word : low_word) >= 0x80000000'
      ordinal:
        value: low_word % 0x10000
        if: is_by_ordinal
      name_location:
        type: location(low_word)
        if: not is_by_ordinal and raw != 0
      hint:
        doc: Probable index in the name table of the library.
        io: _root._io
        pos: name_location.offset
        type: u2
        if: 'is_by_ordinal or raw == 0 ? false : name_location.is_found'
      name:
        io: _root._io
        pos: name_location.offset + 2
        type: strz
        if: 'is_by_ordinal or raw == 0 ? false : name_location.is_found'
  resources:
    doc: 'Usually three levels: type, name and language.'
    seq:
      - id: root
        type: resource_directory(0)
  resource_directory:
    -webide-representation: '{num_named} named, {num_numbered} numbered'
    params:
      - id: level
        type: u1
    seq:
      - id: characteristics
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
      - id: version_major
        type: u2
      - id: version_minor
        type: u2
      - id: num_named
        type: u2
      - id: num_numbered
        type: u2
      - id: entries
        type: resource_entry(level)
        size: 8
        repeat: expr
        repeat-expr: num_named + num_numbered
  resource_entry:
    -webide-representation: '{type} {name} {number}'
    params:
      - id: level
        type: u1
    seq:
      - id: name_or_number
        type: u4
      - id: ofs_target
        type: u4
    instances:
      is_named:
        value: name_or_number >= 0x80000000
      number:
        value: name_or_number
        if: not is_named
      type:
        value: name_or_number
        enum: resource_type
        if: level == 0 and not is_named
      name:
        io: _parent._io
        pos: name_or_number - 0x80000000
        type: resource_name
        if: is_named
      is_directory:
        value: ofs_target >= 0x80000000
      directory:
        io: _parent._io
        pos: ofs_target - 0x80000000
        type: resource_directory(level + 1)
        if: is_directory
      data:
        io: _parent._io
        pos: ofs_target
        type: resource_data
        if: not is_directory
  resource_name:
    -webide-representation: '{text}'
    seq:
      - id: num_characters
        type: u2
      - id: text
        type: str
        size: num_characters * 2
        encoding: UTF-16LE
  resource_data:
    -webide-representation: '{len_body} bytes'
    seq:
      - id: address
        type: u4
      - id: len_body
        type: u4
      - id: code_page
        type: u4
      - id: reserved
        type: u4
    instances:
      location:
        type: location(address)
      body:
        io: _root._io
        pos: location.offset
        size: len_body
        if: location.is_found
  exception_table:
    seq:
      - id: entries_x64
        type: exception_function_x64
        repeat: eos
        if: _root.pe.coff_header.machine == machine::amd64
      - id: entries_arm64
        type: exception_function_arm64
        repeat: eos
        if: _root.pe.coff_header.machine == machine::arm64
      - id: other_entries
        size-eos: true
  exception_function_x64:
    -webide-representation: '{start:hex}..{end:hex}'
    seq:
      - id: start
        type: u4
      - id: end
        type: u4
      - id: unwind_information
        type: u4
  exception_function_arm64:
    -webide-representation: '{start:hex}'
    seq:
      - id: start
        type: u4
      - id: unwind_data
        type: u4
  certificates:
    seq:
      - id: entries
        type: certificate
        repeat: eos
  certificate:
    -webide-representation: '{type} {len_entry} bytes'
    seq:
      - id: len_entry
        doc: Includes the eight bytes before the body.
        type: u4
      - id: revision
        type: u2
        enum: certificate_revision
      - id: type
        type: u2
        enum: certificate_type
      - id: body
        size: len_entry - 8
      - id: padding
        size: |
          (8 - len_entry % 8) % 8 > _io.size - _io.pos ? _io.size - _io.pos : (8 - len_entry % 8) % 8
  base_relocations:
    seq:
      - id: blocks
        type: relocation_block
        repeat: eos
  relocation_block:
    -webide-representation: 'page {page_address:hex}'
    seq:
      - id: page_address
        type: u4
      - id: len_block
        doc: Includes the eight bytes before the entries.
        type: u4
      - id: entries
        size: 'len_block >= 8 ? len_block - 8 : _io.size - _io.pos'
        type: relocations
  relocations:
    seq:
      - id: entries
        type: base_relocation
        repeat: eos
  base_relocation:
    -webide-representation: '{type} at {offset:hex}'
    seq:
      - id: offset
        type: b12
      - id: type
        type: b4
        enum: base_relocation_type
  debug_entry:
    -webide-representation: '{type} {len_body} bytes'
    seq:
      - id: characteristics
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
      - id: version_major
        type: u2
      - id: version_minor
        type: u2
      - id: type
        type: u4
        enum: debug_type
      - id: len_body
        type: u4
      - id: address
        type: u4
      - id: ofs_body
        type: u4
    instances:
      body:
        io: _root._io
        pos: ofs_body
        size: len_body
        type:
          switch-on: type
          cases:
            'debug_type::codeview': codeview
        if: ofs_body != 0 and len_body != 0
  codeview:
    -webide-representation: '{path}'
    seq:
      - id: signature
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: guid
        size: 16
        -lazyhex-as: uuid
        if: signature == "RSDS"
      - id: age
        type: u4
        if: signature == "RSDS"
      - id: path
        doc: Path of the symbol file.
        type: strz
        eos-error: false
        if: signature == "RSDS"
      - id: data
        size-eos: true
        if: signature != "RSDS"
  tls_directory:
    seq:
      - id: start_of_data
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: end_of_data
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: address_of_index
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: address_of_callbacks
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: num_zeros
        type: u4
      - id: characteristics
        type: u4
  load_config:
    seq:
      - id: len_header
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
      - id: version_major
        type: u2
      - id: version_minor
        type: u2
      - id: global_flags_clear
        type: u4
      - id: global_flags_set
        type: u4
      - id: critical_section_timeout
        type: u4
      - id: decommit_free_block_threshold
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: decommit_total_free_threshold
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: lock_prefix_table
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: max_allocation
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: virtual_memory_threshold
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: process_affinity_mask
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: process_heap_flags
        type: u4
      - id: csd_version
        type: u2
      - id: dependent_load_flags
        type: u2
      - id: edit_list
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
      - id: security_cookie
        doc: Address of the stack cookie.
        type: { switch-on: _root.pe.optional_header.format, cases: { 'optional_format::pe32_plus': u8, _: u4 } }
  clr_header:
    seq:
      - id: len_header
        type: u4
      - id: runtime_version_major
        type: u2
      - id: runtime_version_minor
        type: u2
      - id: metadata
        type: data_directory(255)
      - id: flags
        type: clr_flags
        size: 4
      - id: entry_point
        type: u4
      - id: resources
        type: data_directory(255)
      - id: strong_name_signature
        type: data_directory(255)
      - id: code_manager_table
        type: data_directory(255)
      - id: vtable_fixups
        type: data_directory(255)
      - id: export_address_jumps
        type: data_directory(255)
      - id: managed_native_header
        type: data_directory(255)
    instances:
      metadata_root:
        pos: metadata.location.offset
        size: metadata.len_body
        type: clr_metadata
        if: metadata.address != 0
  clr_flags:
    -webide-representation: '{:flags}'
    seq:
      - id: il_only
        type: b1
      - id: requires_32_bits
        type: b1
      - id: il_library
        type: b1
      - id: strong_name_signed
        type: b1
      - id: native_entry_point
        type: b1
      - id: reserved
        type: b11
      - id: track_debug_data
        type: b1
      - id: prefers_32_bits
        type: b1
  clr_metadata:
    seq:
      - id: signature
        contents: BSJB
      - id: version_major
        type: u2
      - id: version_minor
        type: u2
      - id: reserved
        type: u4
      - id: len_version
        type: u4
      - id: version
        size: len_version
        type: strz
        eos-error: false
      - id: flags
        type: u2
      - id: num_streams
        type: u2
      - id: streams
        type: clr_stream
        repeat: expr
        repeat-expr: num_streams
  clr_stream:
    -webide-representation: '{name} {len_body} bytes'
    seq:
      - id: ofs_body
        type: u4
      - id: len_body
        type: u4
      - id: name
        type: strz
      - id: padding
        size: (4 - (name.length + 1) % 4) % 4
    instances:
      body:
        pos: ofs_body
        size: len_body
enums:
  machine:
    0: unknown
    0x14c: i386
    0x162: r3000
    0x166: r4000
    0x169: wce_mips_v2
    0x184: alpha
    0x1a2: sh3
    0x1a3: sh3_dsp
    0x1a6: sh4
    0x1a8: sh5
    0x1c0: arm
    0x1c2: thumb
    0x1c4: arm_nt
    0x1d3: am33
    0x1f0: powerpc
    0x1f1: powerpc_fp
    0x200: ia64
    0x266: mips16
    0x284: alpha64
    0x366: mips_fpu
    0x466: mips_fpu16
    0xebc: efi_byte_code
    0x5032: riscv32
    0x5064: riscv64
    0x5128: riscv128
    0x6232: loongarch32
    0x6264: loongarch64
    0x8664: amd64
    0x9041: m32r
    0xa641: arm64ec
    0xa64e: arm64x
    0xaa64: arm64
  optional_format:
    0x107: rom
    0x10b: pe32
    0x20b: pe32_plus
  subsystem:
    0: unknown
    1: native
    2: windows_gui
    3: windows_console
    5: os2_console
    7: posix_console
    8: native_windows
    9: windows_ce
    10: efi_application
    11: efi_boot_driver
    12: efi_runtime_driver
    13: efi_rom
    14: xbox
    16: windows_boot_application
  directory_type:
    0: export
    1: import
    2: resource
    3: exception
    4: certificate
    5: base_relocation
    6: debug
    7: architecture
    8: global_pointer
    9: tls
    10: load_config
    11: bound_import
    12: import_addresses
    13: delay_import
    14: clr_runtime
    15: reserved
    255: of_clr
  complex_type:
    0: none
    1: pointer
    2: func
    3: array
  storage_class:
    0: none
    1: automatic
    2: external
    3: static
    4: register
    5: external_definition
    6: label
    7: undefined_label
    8: member_of_struct
    9: argument
    10: struct_tag
    11: member_of_union
    12: union_tag
    13: type_definition
    14: undefined_static
    15: enum_tag
    16: member_of_enum
    17: register_parameter
    18: bit_field
    100: block
    101: function
    102: end_of_struct
    103: file
    104: section
    105: weak_external
    107: clr_token
    255: end_of_function
  resource_type:
    1: cursor
    2: bitmap
    3: icon
    4: menu
    5: dialog
    6: string
    7: font_directory
    8: font
    9: accelerator
    10: raw_data
    11: message_table
    12: group_cursor
    14: group_icon
    16: version
    17: dialog_include
    19: plug_and_play
    20: vxd
    21: animated_cursor
    22: animated_icon
    23: html
    24: manifest
  certificate_revision:
    0x100: revision_1
    0x200: revision_2
  certificate_type:
    1: x509
    2: pkcs_signed_data
    3: reserved
    4: terminal_server_stack
  base_relocation_type:
    0: absolute
    1: high
    2: low
    3: high_low
    4: high_adjusted
    5: machine_5
    7: machine_7
    8: machine_8
    9: mips_jump_16
    10: dir64
  debug_type:
    0: unknown
    1: coff
    2: codeview
    3: frame_pointer_omission
    4: misc
    5: exception
    6: fixup
    7: omap_to_source
    8: omap_from_source
    9: borland
    10: reserved
    11: clsid
    12: visual_cpp_feature
    13: profile_guided
    14: iltcg
    15: mpx
    16: reproducible
    17: embedded_portable_pdb
    19: pdb_checksum
    20: extended_characteristics
