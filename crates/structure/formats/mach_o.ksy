# Recognised by its first four bytes, in either byte order. A universal file starts with the same
# bytes as a Java class, so up to eight architectures are listed with their number.
meta:
  id: mach_o
  title: Mach-O
  application: macOS, iOS, watchOS, tvOS
  file-extension: [dylib, bundle, macho, o, dsym, kext]
  license: MIT OR Apache-2.0
  encoding: UTF-8
  endian: be
  bit-endian: be
  -lazyhex-magic:
    - { at: 0, bytes: [0xfe, 0xed, 0xfa, 0xce] }
    - { at: 0, bytes: [0xce, 0xfa, 0xed, 0xfe] }
    - { at: 0, bytes: [0xfe, 0xed, 0xfa, 0xcf] }
    - { at: 0, bytes: [0xcf, 0xfa, 0xed, 0xfe] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 1] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 2] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 3] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 4] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 5] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 6] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 7] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbe, 0x00, 0x00, 0x00, 8] }
    - { at: 0, bytes: [0xca, 0xfe, 0xba, 0xbf] }
doc: Program, library or object file for one processor, or a universal file for several.
doc-ref:
  - https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/loader.h
  - https://github.com/apple-oss-distributions/xnu/blob/main/EXTERNAL_HEADERS/mach-o/fat.h
seq:
  - id: universal
    type: universal
    if: is_universal
  - id: image
    type: image
    if: not is_universal
instances:
  first_word:
    pos: 0
    type: u4
    enum: magic
  is_universal:
    value: first_word == magic::universal or first_word == magic::universal_64
types:
  universal:
    seq:
      - id: magic
        type: u4
        enum: magic
      - id: num_architectures
        -orig-id: nfat_arch
        type: u4
        valid: { max: 43 }
      - id: architectures
        type: architecture
        size: 'magic == magic::universal_64 ? 32 : 20'
        repeat: expr
        repeat-expr: num_architectures
  architecture:
    -webide-representation: '{cpu_type} at {ofs_image:hex}, {len_image} bytes'
    seq:
      - id: cpu_type
        type: u4
        enum: cpu_type
      - id: cpu_subtype
        type: u4
      - id: ofs_image
        type: { switch-on: _root.first_word, cases: { 'magic::universal_64': u8, _: u4 } }
      - id: len_image
        type: { switch-on: _root.first_word, cases: { 'magic::universal_64': u8, _: u4 } }
      - id: log_alignment
        type: u4
    instances:
      first_word:
        io: _root._io
        pos: ofs_image
        type: u4
        enum: magic
      image:
        io: _root._io
        pos: ofs_image
        size: len_image
        type: image
        if: |
          first_word == magic::be_32 or first_word == magic::be_64
            or first_word == magic::le_32 or first_word == magic::le_64
      other_content:
        doc: For example an archive of object files.
        io: _root._io
        pos: ofs_image
        size: len_image
        if: |
          first_word != magic::be_32 and first_word != magic::be_64
            and first_word != magic::le_32 and first_word != magic::le_64
  image:
    seq:
      - id: magic
        doc: Read as big-endian.
        type: u4
        enum: magic
        valid: { any-of: ['magic::be_32', 'magic::be_64', 'magic::le_32', 'magic::le_64'] }
      - id: header
        type: image_header
    instances:
      is_64:
        value: magic == magic::be_64 or magic == magic::le_64
  image_header:
    meta:
      endian:
        switch-on: _parent.magic
        cases:
          'magic::le_32': le
          'magic::le_64': le
          'magic::be_32': be
          'magic::be_64': be
    seq:
      - id: cpu_type
        -orig-id: cputype
        type: u4
        enum: cpu_type
      - id: cpu_subtype_field
        -orig-id: cpusubtype
        type: u4
      - id: file_type
        -orig-id: filetype
        type: u4
        enum: file_type
      - id: num_commands
        -orig-id: ncmds
        type: u4
      - id: len_commands
        -orig-id: sizeofcmds
        type: u4
      - id: flags
        type: u4
      - id: reserved
        type: u4
        if: is_64
      - id: load_commands
        type: load_command
        repeat: expr
        repeat-expr: num_commands
    instances:
      is_64:
        value: _parent.is_64
      is_little_endian:
        value: _parent.magic == magic::le_32 or _parent.magic == magic::le_64
      cpu_subtype:
        doc: Without the capability bits in the upper byte.
        value: cpu_subtype_field % 0x1000000
      flag_names:
        type: image_flags(flags)
    types:
      image_flags:
        params:
          - id: bits
            type: u4
        instances:
          no_undefs:
            value: bits & 0x1 != 0
          incr_link:
            value: bits & 0x2 != 0
          dyld_link:
            value: bits & 0x4 != 0
          bind_at_load:
            value: bits & 0x8 != 0
          prebound:
            value: bits & 0x10 != 0
          split_segs:
            value: bits & 0x20 != 0
          lazy_init:
            value: bits & 0x40 != 0
          two_level:
            value: bits & 0x80 != 0
          force_flat:
            value: bits & 0x100 != 0
          no_multi_defs:
            value: bits & 0x200 != 0
          no_fix_prebinding:
            value: bits & 0x400 != 0
          prebindable:
            value: bits & 0x800 != 0
          all_mods_bound:
            value: bits & 0x1000 != 0
          subsections_via_symbols:
            value: bits & 0x2000 != 0
          canonical:
            value: bits & 0x4000 != 0
          weak_defines:
            value: bits & 0x8000 != 0
          binds_to_weak:
            value: bits & 0x10000 != 0
          allow_stack_execution:
            value: bits & 0x20000 != 0
          root_safe:
            value: bits & 0x40000 != 0
          setuid_safe:
            value: bits & 0x80000 != 0
          no_reexported_dylibs:
            value: bits & 0x100000 != 0
          pie:
            value: bits & 0x200000 != 0
          dead_strippable_dylib:
            value: bits & 0x400000 != 0
          has_tlv_descriptors:
            value: bits & 0x800000 != 0
          no_heap_execution:
            value: bits & 0x1000000 != 0
          app_extension_safe:
            value: bits & 0x2000000 != 0
          nlist_outofsync_with_dyldinfo:
            value: bits & 0x4000000 != 0
          sim_support:
            value: bits & 0x8000000 != 0
      load_command:
        -webide-representation: '{command} {body}'
        seq:
          - id: command
            -orig-id: cmd
            type: u4
            enum: command
          - id: len_command
            -orig-id: cmdsize
            type: u4
            valid: { min: 8 }
          - id: body
            size: len_command - 8
            type:
              switch-on: command
              cases:
                'command::segment': segment(false)
                'command::segment_64': segment(true)
                'command::symtab': symbol_tables
                'command::dysymtab': dynamic_symbol_tables
                'command::load_dylib': dylib
                'command::id_dylib': dylib
                'command::load_weak_dylib': dylib
                'command::reexport_dylib': dylib
                'command::lazy_load_dylib': dylib
                'command::load_upward_dylib': dylib
                'command::load_dylinker': named
                'command::id_dylinker': named
                'command::dyld_environment': named
                'command::rpath': named
                'command::sub_framework': named
                'command::sub_umbrella': named
                'command::sub_client': named
                'command::sub_library': named
                'command::uuid': uuid
                'command::version_min_macosx': version_min
                'command::version_min_iphoneos': version_min
                'command::version_min_tvos': version_min
                'command::version_min_watchos': version_min
                'command::build_version': build_version
                'command::source_version': source_version
                'command::main': entry_point
                'command::code_signature': code_signature
                'command::segment_split_info': linkedit_data
                'command::function_starts': linkedit_data
                'command::data_in_code': data_in_code
                'command::dylib_code_sign_drs': linkedit_data
                'command::linker_optimization_hint': linkedit_data
                'command::dyld_exports_trie': linkedit_data
                'command::dyld_chained_fixups': linkedit_data
                'command::atom_info': linkedit_data
                'command::dyld_info': dyld_info
                'command::dyld_info_only': dyld_info
                'command::encryption_info': encryption_info
                'command::encryption_info_64': encryption_info
                'command::linker_option': linker_options
                'command::note': note
                'command::fileset_entry': fileset_entry
                'command::thread': thread
                'command::unixthread': thread
                'command::routines': routines(false)
                'command::routines_64': routines(true)
                'command::twolevel_hints': two_level_hints
                'command::prebind_cksum': prebind_checksum
      segment:
        -webide-representation: '{name} {ofs_body:hex}, {len_body} bytes'
        params:
          - id: is_64
            type: bool
        seq:
          - id: name
            -orig-id: segname
            size: 16
            type: strz
            eos-error: false
          - id: virtual_address
            -orig-id: vmaddr
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: len_in_memory
            -orig-id: vmsize
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: ofs_body
            -orig-id: fileoff
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: len_body
            -orig-id: filesize
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: max_protection
            -orig-id: maxprot
            doc: 1 read, 2 write, 4 execute.
            type: u4
          - id: initial_protection
            -orig-id: initprot
            type: u4
          - id: num_sections
            -orig-id: nsects
            type: u4
          - id: flags
            type: u4
          - id: sections
            type: section(is_64)
            size: 'is_64 ? 80 : 68'
            repeat: expr
            repeat-expr: num_sections
        instances:
          is_readable:
            value: initial_protection & 1 != 0
          is_writable:
            value: initial_protection & 2 != 0
          is_executable:
            value: initial_protection & 4 != 0
          body:
            io: _parent._io
            pos: ofs_body
            size: len_body
            if: len_body != 0
      section:
        -webide-representation: '{segment_name},{name} {type} {ofs_body:hex}, {len_body} bytes'
        params:
          - id: is_64
            type: bool
        seq:
          - id: name
            -orig-id: sectname
            size: 16
            type: strz
            eos-error: false
          - id: segment_name
            -orig-id: segname
            size: 16
            type: strz
            eos-error: false
          - id: address
            -orig-id: addr
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: len_body
            -orig-id: size
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: ofs_body
            -orig-id: offset
            type: u4
          - id: log_alignment
            -orig-id: align
            type: u4
          - id: ofs_relocations
            -orig-id: reloff
            type: u4
          - id: num_relocations
            -orig-id: nreloc
            type: u4
          - id: flags
            type: u4
          - id: reserved_1
            doc: 'For stubs and pointers: index of their first indirect symbol.'
            type: u4
          - id: reserved_2
            doc: 'For stubs: size of one stub.'
            type: u4
          - id: reserved_3
            type: u4
            if: is_64
        instances:
          type:
            value: flags % 0x100
            enum: section_type
          has_body:
            value: |
              len_body != 0 and ofs_body != 0 and type != section_type::zerofill
                and type != section_type::gb_zerofill and type != section_type::thread_local_zerofill
          body:
            io: _parent._parent._io
            pos: ofs_body
            size: len_body
            type:
              switch-on: type
              cases:
                'section_type::cstring_literals': string_table
            if: has_body
          relocations:
            io: _parent._parent._io
            pos: ofs_relocations
            type: relocation(_parent._parent._parent.is_little_endian)
            repeat: expr
            repeat-expr: num_relocations
            if: num_relocations != 0
      string_table:
        seq:
          - id: entries
            type: strz
            repeat: eos
            eos-error: false
      string_data:
        doc: A stream without fields, in which names are looked up.
      relocation:
        -webide-representation: '{address:hex} {symbol_index} {type}'
        params:
          - id: is_little_endian
            type: bool
        seq:
          - id: address
            -orig-id: r_address
            doc: Negative for a scattered relocation, whose layout differs.
            type: s4
          - id: rest
            type: u4
        instances:
          symbol_index:
            doc: Index of a section if the relocation is not external.
            value: 'is_little_endian ? rest % 0x1000000 : rest / 0x100'
          type:
            value: 'is_little_endian ? rest / 0x10000000 : rest % 0x10'
      symbol_tables:
        -webide-representation: '{num_symbols} symbols'
        seq:
          - id: ofs_symbols
            -orig-id: symoff
            type: u4
          - id: num_symbols
            -orig-id: nsyms
            type: u4
          - id: ofs_strings
            -orig-id: stroff
            type: u4
          - id: len_strings
            -orig-id: strsize
            type: u4
        instances:
          is_64:
            value: _parent._parent.is_64
          symbols:
            io: _parent._io
            pos: ofs_symbols
            size: 'is_64 ? 16 : 12'
            type: symbol(is_64)
            repeat: expr
            repeat-expr: num_symbols
            if: num_symbols != 0
          strings:
            io: _parent._io
            pos: ofs_strings
            size: len_strings
            type: string_data
      symbol:
        -webide-representation: '{name} {type} = {value:hex}'
        params:
          - id: is_64
            type: bool
        seq:
          - id: ofs_name
            -orig-id: n_strx
            type: u4
          - id: debugging_type
            -orig-id: N_STAB
            doc: If not 0, the whole byte is the type of a debugging symbol.
            type: b3
          - id: is_private_external
            -orig-id: N_PEXT
            type: b1
          - id: type
            -orig-id: N_TYPE
            type: b3
            enum: symbol_type
          - id: is_external
            -orig-id: N_EXT
            type: b1
          - id: section_number
            -orig-id: n_sect
            doc: Counted from 1 over all segments; 0 for none.
            type: u1
          - id: description
            -orig-id: n_desc
            type: u2
          - id: value
            -orig-id: n_value
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
        instances:
          name:
            io: _parent.strings._io
            pos: ofs_name
            type: strz
            if: ofs_name != 0
      dynamic_symbol_tables:
        seq:
          - id: first_local_symbol
            type: u4
          - id: num_local_symbols
            type: u4
          - id: first_external_symbol
            type: u4
          - id: num_external_symbols
            type: u4
          - id: first_undefined_symbol
            type: u4
          - id: num_undefined_symbols
            type: u4
          - id: ofs_table_of_contents
            type: u4
          - id: num_table_of_contents
            type: u4
          - id: ofs_modules
            type: u4
          - id: num_modules
            type: u4
          - id: ofs_referenced_symbols
            type: u4
          - id: num_referenced_symbols
            type: u4
          - id: ofs_indirect_symbols
            type: u4
          - id: num_indirect_symbols
            type: u4
          - id: ofs_external_relocations
            type: u4
          - id: num_external_relocations
            type: u4
          - id: ofs_local_relocations
            type: u4
          - id: num_local_relocations
            type: u4
        instances:
          indirect_symbols:
            doc: Symbol index of each stub and pointer.
            io: _parent._io
            pos: ofs_indirect_symbols
            type: u4
            repeat: expr
            repeat-expr: num_indirect_symbols
            if: num_indirect_symbols != 0
      version:
        -webide-representation: '{major:dec}.{minor:dec}.{patch:dec}'
        seq:
          - id: raw
            type: u4
        instances:
          major:
            value: raw / 0x10000
          minor:
            value: raw / 0x100 % 0x100
          patch:
            value: raw % 0x100
      dylib:
        -webide-representation: '{name} {current_version}'
        seq:
          - id: ofs_name
            doc: From the start of the command.
            type: u4
          - id: timestamp
            type: u4
            -lazyhex-as: time32
          - id: current_version
            type: version
          - id: compatibility_version
            type: version
          - id: rest
            size-eos: true
        instances:
          name:
            pos: ofs_name - 8
            type: strz
            eos-error: false
      named:
        -webide-representation: '{name}'
        seq:
          - id: ofs_name
            doc: From the start of the command.
            type: u4
          - id: rest
            size-eos: true
        instances:
          name:
            pos: ofs_name - 8
            type: strz
            eos-error: false
      uuid:
        -webide-representation: '{uuid:uuid}'
        seq:
          - id: uuid
            size: 16
            -lazyhex-as: uuid
      version_min:
        -webide-representation: '{version}'
        seq:
          - id: version
            type: version
          - id: sdk
            type: version
      build_version:
        -webide-representation: '{platform} {min_os}'
        seq:
          - id: platform
            type: u4
            enum: platform
          - id: min_os
            type: version
          - id: sdk
            type: version
          - id: num_tools
            type: u4
          - id: tools
            type: build_tool
            repeat: expr
            repeat-expr: num_tools
      build_tool:
        -webide-representation: '{tool} {version}'
        seq:
          - id: tool
            type: u4
            enum: tool
          - id: version
            type: version
      source_version:
        seq:
          - id: raw
            doc: Five numbers, of 24, 10, 10, 10 and 10 bits.
            type: u8
      entry_point:
        -webide-representation: '{ofs_entry:hex}'
        seq:
          - id: ofs_entry
            -orig-id: entryoff
            type: u8
          - id: len_stack
            -orig-id: stacksize
            type: u8
      linkedit_data:
        -webide-representation: '{ofs_body:hex}, {len_body} bytes'
        seq:
          - id: ofs_body
            -orig-id: dataoff
            type: u4
          - id: len_body
            -orig-id: datasize
            type: u4
        instances:
          body:
            io: _parent._io
            pos: ofs_body
            size: len_body
            if: len_body != 0
      data_in_code:
        seq:
          - id: ofs_body
            type: u4
          - id: len_body
            type: u4
        instances:
          entries:
            io: _parent._io
            pos: ofs_body
            type: data_in_code_entry
            repeat: expr
            repeat-expr: len_body / 8
            if: len_body != 0
      data_in_code_entry:
        -webide-representation: '{kind} at {offset:hex}, {len_data} bytes'
        seq:
          - id: offset
            type: u4
          - id: len_data
            type: u2
          - id: kind
            type: u2
            enum: data_kind
      code_signature:
        -webide-representation: '{ofs_body:hex}, {len_body} bytes'
        seq:
          - id: ofs_body
            type: u4
          - id: len_body
            type: u4
        instances:
          body:
            io: _parent._io
            pos: ofs_body
            size: len_body
            type: signature
            if: len_body != 0
      dyld_info:
        seq:
          - id: ofs_rebase
            type: u4
          - id: len_rebase
            type: u4
          - id: ofs_bind
            type: u4
          - id: len_bind
            type: u4
          - id: ofs_weak_bind
            type: u4
          - id: len_weak_bind
            type: u4
          - id: ofs_lazy_bind
            type: u4
          - id: len_lazy_bind
            type: u4
          - id: ofs_export
            type: u4
          - id: len_export
            type: u4
        instances:
          rebase_data:
            io: _parent._io
            pos: ofs_rebase
            size: len_rebase
            if: len_rebase != 0
          bind_data:
            io: _parent._io
            pos: ofs_bind
            size: len_bind
            if: len_bind != 0
          weak_bind_data:
            io: _parent._io
            pos: ofs_weak_bind
            size: len_weak_bind
            if: len_weak_bind != 0
          lazy_bind_data:
            io: _parent._io
            pos: ofs_lazy_bind
            size: len_lazy_bind
            if: len_lazy_bind != 0
          export_data:
            io: _parent._io
            pos: ofs_export
            size: len_export
            if: len_export != 0
      encryption_info:
        seq:
          - id: ofs_body
            type: u4
          - id: len_body
            type: u4
          - id: encryption_system
            doc: 0 if not encrypted yet.
            type: u4
          - id: rest
            size-eos: true
      linker_options:
        seq:
          - id: num_options
            type: u4
          - id: options
            type: strz
            repeat: expr
            repeat-expr: num_options
      note:
        -webide-representation: '{owner}'
        seq:
          - id: owner
            size: 16
            type: strz
            eos-error: false
          - id: ofs_body
            type: u8
          - id: len_body
            type: u8
        instances:
          body:
            io: _parent._io
            pos: ofs_body
            size: len_body
            if: len_body != 0
      fileset_entry:
        -webide-representation: '{name} {ofs_image:hex}'
        seq:
          - id: virtual_address
            type: u8
          - id: ofs_image
            type: u8
          - id: ofs_name
            type: u4
          - id: reserved
            type: u4
          - id: rest
            size-eos: true
        instances:
          name:
            pos: ofs_name - 8
            type: strz
            eos-error: false
      thread:
        seq:
          - id: flavor
            doc: Format of the state; depends on the processor.
            type: u4
          - id: num_words
            type: u4
          - id: state
            type: u4
            repeat: expr
            repeat-expr: num_words
          - id: rest
            size-eos: true
      routines:
        params:
          - id: is_64
            type: bool
        seq:
          - id: init_address
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: init_module
            type: { switch-on: is_64, cases: { true: u8, false: u4 } }
          - id: reserved
            size-eos: true
      two_level_hints:
        seq:
          - id: ofs_hints
            type: u4
          - id: num_hints
            type: u4
      prebind_checksum:
        seq:
          - id: checksum
            type: u4
      signature:
        doc: Always big-endian.
        -webide-representation: '{magic}'
        meta:
          endian: be
        seq:
          - id: magic
            type: u4
            enum: signature_magic
          - id: len_body
            type: u4
          - id: num_blobs
            type: u4
            if: magic == signature_magic::embedded
          - id: blobs
            type: blob_index
            size: 8
            repeat: expr
            repeat-expr: num_blobs
            if: magic == signature_magic::embedded
        types:
          blob_index:
            -webide-representation: '{slot} {blob}'
            seq:
              - id: slot
                type: u4
                enum: signature_slot
              - id: ofs_blob
                type: u4
            instances:
              blob:
                io: _parent._io
                pos: ofs_blob
                type: blob
          blob:
            -webide-representation: '{magic} {len_blob} bytes'
            seq:
              - id: magic
                type: u4
                enum: signature_magic
              - id: len_blob
                doc: Includes the eight bytes before the body.
                type: u4
              - id: body
                size: len_blob - 8
                type:
                  switch-on: magic
                  cases:
                    'signature_magic::code_directory': code_directory
                    'signature_magic::entitlements': entitlements
          entitlements:
            seq:
              - id: text
                type: str
                size-eos: true
          code_directory:
            -webide-representation: '{identifier}'
            seq:
              - id: version
                type: u4
              - id: flags
                type: u4
              - id: ofs_hashes
                doc: From the start of the blob, like the other offsets.
                type: u4
              - id: ofs_identifier
                type: u4
              - id: num_special_slots
                type: u4
              - id: num_code_slots
                type: u4
              - id: code_limit
                type: u4
              - id: len_hash
                type: u1
              - id: hash_type
                type: u1
                enum: hash_type
              - id: platform
                type: u1
              - id: log_page_size
                type: u1
              - id: reserved
                type: u4
              - id: rest
                size-eos: true
            instances:
              identifier:
                pos: ofs_identifier - 8
                type: strz
                eos-error: false
              code_hashes:
                pos: ofs_hashes - 8
                size: len_hash
                repeat: expr
                repeat-expr: num_code_slots
enums:
  magic:
    0xfeedface: be_32
    0xfeedfacf: be_64
    0xcefaedfe: le_32
    0xcffaedfe: le_64
    0xcafebabe: universal
    0xcafebabf: universal_64
  cpu_type:
    1: vax
    6: mc680x0
    7: x86
    10: mc98000
    11: hppa
    12: arm
    13: mc88000
    14: sparc
    15: i860
    18: powerpc
    0x1000007: x86_64
    0x100000c: arm64
    0x200000c: arm64_32
    0x1000012: powerpc64
  file_type:
    1: object
    2: execute
    3: fixed_vm_library
    4: core
    5: preload
    6: dylib
    7: dylinker
    8: bundle
    9: dylib_stub
    10: dsym
    11: kext_bundle
    12: fileset
    13: gpu_program
    14: gpu_dylib
  command:
    1: segment
    2: symtab
    3: symseg
    4: thread
    5: unixthread
    6: load_fixed_vm_library
    7: id_fixed_vm_library
    8: ident
    9: fixed_vm_file
    10: prepage
    11: dysymtab
    12: load_dylib
    13: id_dylib
    14: load_dylinker
    15: id_dylinker
    16: prebound_dylib
    17: routines
    18: sub_framework
    19: sub_umbrella
    20: sub_client
    21: sub_library
    22: twolevel_hints
    23: prebind_cksum
    0x80000018: load_weak_dylib
    0x19: segment_64
    0x1a: routines_64
    0x1b: uuid
    0x8000001c: rpath
    0x1d: code_signature
    0x1e: segment_split_info
    0x8000001f: reexport_dylib
    0x20: lazy_load_dylib
    0x21: encryption_info
    0x22: dyld_info
    0x80000022: dyld_info_only
    0x80000023: load_upward_dylib
    0x24: version_min_macosx
    0x25: version_min_iphoneos
    0x26: function_starts
    0x27: dyld_environment
    0x80000028: main
    0x29: data_in_code
    0x2a: source_version
    0x2b: dylib_code_sign_drs
    0x2c: encryption_info_64
    0x2d: linker_option
    0x2e: linker_optimization_hint
    0x2f: version_min_tvos
    0x30: version_min_watchos
    0x31: note
    0x32: build_version
    0x80000033: dyld_exports_trie
    0x80000034: dyld_chained_fixups
    0x80000035: fileset_entry
    0x36: atom_info
  section_type:
    0: regular
    1: zerofill
    2: cstring_literals
    3: literals_4
    4: literals_8
    5: literal_pointers
    6: non_lazy_symbol_pointers
    7: lazy_symbol_pointers
    8: symbol_stubs
    9: mod_init_func_pointers
    10: mod_term_func_pointers
    11: coalesced
    12: gb_zerofill
    13: interposing
    14: literals_16
    15: dtrace_dof
    16: lazy_dylib_symbol_pointers
    17: thread_local_regular
    18: thread_local_zerofill
    19: thread_local_variables
    20: thread_local_variable_pointers
    21: thread_local_init_function_pointers
    22: init_func_offsets
  symbol_type:
    0: undefined
    1: absolute
    5: indirect
    6: prebound_undefined
    7: section
  platform:
    1: macos
    2: ios
    3: tvos
    4: watchos
    5: bridgeos
    6: mac_catalyst
    7: ios_simulator
    8: tvos_simulator
    9: watchos_simulator
    10: driverkit
    11: visionos
    12: visionos_simulator
  tool:
    1: clang
    2: swift
    3: ld
    4: lld
  data_kind:
    1: data
    2: jump_table_8
    3: jump_table_16
    4: jump_table_32
    5: abs_jump_table_32
  signature_magic:
    0xfade0c00: requirement
    0xfade0c01: requirements
    0xfade0c02: code_directory
    0xfade0cc0: embedded
    0xfade0cc1: detached
    0xfade0b01: cms_wrapper
    0xfade7171: entitlements
    0xfade7172: der_entitlements
    0xfade8181: launch_constraint
  signature_slot:
    0: code_directory
    1: info
    2: requirements
    3: resources
    4: application
    5: entitlements
    6: rep_specific
    7: der_entitlements
    0x1000: alternate_code_directory_0
    0x1001: alternate_code_directory_1
    0x10000: cms_signature
    0x10001: identification
    0x10002: ticket
  hash_type:
    1: sha1
    2: sha256
    3: sha256_truncated
    4: sha384
    5: sha512
