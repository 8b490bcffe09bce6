# Recognised by its first four bytes. The byte order and the word size follow from the
# identification, so that everything after it lives inside the type `file_header`.
meta:
  id: elf
  title: Executable and Linkable Format (ELF)
  application: Linux, BSD, Solaris, Android and most embedded toolchains
  file-extension: [elf, o, so, ko, axf, prx, core, mod]
  license: MIT OR Apache-2.0
  encoding: UTF-8
  bit-endian: be
doc: Program, shared library, object file or core dump.
doc-ref:
  - https://gabi.xinuos.com/
  - https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/elf-generic.html
seq:
  - id: magic
    -orig-id: EI_MAG
    contents: [0x7f, "ELF"]
  - id: file_class
    -orig-id: EI_CLASS
    doc: Word size, 32 or 64 bits.
    type: u1
    enum: file_class
    valid: { any-of: ['file_class::elf32', 'file_class::elf64'] }
  - id: data
    -orig-id: EI_DATA
    doc: Byte order of everything after the identification.
    type: u1
    enum: byte_order
    valid: { any-of: ['byte_order::lsb', 'byte_order::msb'] }
  - id: ident_version
    -orig-id: EI_VERSION
    type: u1
    valid: 1
  - id: os_abi
    -orig-id: EI_OSABI
    type: u1
    enum: os_abi
  - id: abi_version
    -orig-id: EI_ABIVERSION
    type: u1
  - id: ident_padding
    size: 7
  - id: header
    type: file_header
instances:
  is_64:
    value: file_class == file_class::elf64
types:
  file_header:
    meta:
      endian:
        switch-on: _root.data
        cases:
          'byte_order::lsb': le
          'byte_order::msb': be
    seq:
      - id: type
        -orig-id: e_type
        type: u2
        enum: object_type
      - id: machine
        -orig-id: e_machine
        type: u2
        enum: machine
      - id: version
        -orig-id: e_version
        type: u4
      - id: entry_point
        -orig-id: e_entry
        type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
      - id: ofs_program_headers
        -orig-id: e_phoff
        type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
      - id: ofs_section_headers
        -orig-id: e_shoff
        type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
      - id: flags
        -orig-id: e_flags
        doc: The meaning depends on the machine.
        type: u4
      - id: len_header
        -orig-id: e_ehsize
        type: u2
      - id: len_program_header
        -orig-id: e_phentsize
        type: u2
      - id: num_program_headers_field
        -orig-id: e_phnum
        doc: 0xffff if the number is stored in the first section header.
        type: u2
      - id: len_section_header
        -orig-id: e_shentsize
        type: u2
      - id: num_section_headers_field
        -orig-id: e_shnum
        doc: 0 if the number is stored in the first section header.
        type: u2
      - id: section_names_index_field
        -orig-id: e_shstrndx
        doc: 0xffff if the index is stored in the first section header.
        type: u2
    instances:
      first_section_header:
        doc: Holds numbers that do not fit in the file header.
        io: _root._io
        pos: ofs_section_headers
        size: len_section_header
        type: section_header
        if: ofs_section_headers != 0
      num_program_headers:
        value: |
          num_program_headers_field == 0xffff and ofs_section_headers != 0
            ? first_section_header.info : num_program_headers_field
      num_section_headers:
        value: |
          num_section_headers_field == 0 and ofs_section_headers != 0
            ? first_section_header.len_body : num_section_headers_field
      section_names_index:
        value: |
          section_names_index_field == 0xffff and ofs_section_headers != 0
            ? first_section_header.link : section_names_index_field
      program_headers:
        io: _root._io
        pos: ofs_program_headers
        size: len_program_header
        type: program_header
        repeat: expr
        repeat-expr: num_program_headers
        if: ofs_program_headers != 0
      section_headers:
        io: _root._io
        pos: ofs_section_headers
        size: len_section_header
        type: section_header
        repeat: expr
        repeat-expr: num_section_headers
        if: ofs_section_headers != 0
    types:
      program_header:
        -webide-representation: '{type} {flags:hex} at {ofs_body:hex}, {len_body} bytes'
        seq:
          - id: type
            -orig-id: p_type
            type: u4
            enum: segment_type
          - id: flags_64
            -orig-id: p_flags
            type: u4
            if: _root.is_64
          - id: ofs_body
            -orig-id: p_offset
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: virtual_address
            -orig-id: p_vaddr
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: physical_address
            -orig-id: p_paddr
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: len_body
            -orig-id: p_filesz
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: len_in_memory
            -orig-id: p_memsz
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: flags_32
            -orig-id: p_flags
            type: u4
            if: not _root.is_64
          - id: alignment
            -orig-id: p_align
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
        instances:
          flags:
            value: '_root.is_64 ? flags_64 : flags_32'
          is_executable:
            value: flags & 1 != 0
          is_writable:
            value: flags & 2 != 0
          is_readable:
            value: flags & 4 != 0
          body:
            io: _root._io
            pos: ofs_body
            size: len_body
            type:
              switch-on: type
              cases:
                'segment_type::dynamic': dynamic_table(0)
                'segment_type::interp': interpreter
                'segment_type::note': notes(alignment)
                'segment_type::gnu_property': notes(alignment)
            if: len_body != 0
      section_header:
        -webide-representation: '{name} {type} at {ofs_body:hex}, {len_body} bytes'
        seq:
          - id: ofs_name
            -orig-id: sh_name
            type: u4
          - id: type
            -orig-id: sh_type
            type: u4
            enum: section_type
          - id: flags
            -orig-id: sh_flags
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: address
            -orig-id: sh_addr
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: ofs_body
            -orig-id: sh_offset
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: len_body
            -orig-id: sh_size
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: link
            -orig-id: sh_link
            doc: Index of a related section.
            type: u4
          - id: info
            -orig-id: sh_info
            type: u4
          - id: alignment
            -orig-id: sh_addralign
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: len_entry
            -orig-id: sh_entsize
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
        instances:
          name:
            io: _root.header.section_headers[_root.header.section_names_index].strings._io
            pos: ofs_name
            type: strz
            if: |
              _root.header.section_names_index != 0
                and _root.header.section_names_index < _root.header.num_section_headers
                and _root.header.section_headers[_root.header.section_names_index].type == section_type::strtab
          flag_names:
            type: section_flags(flags)
          is_compressed:
            value: flags & 0x800 != 0
          has_body:
            value: |
              type != section_type::unused and type != section_type::nobits and len_body != 0
          body:
            io: _root._io
            pos: ofs_body
            size: len_body
            type:
              switch-on: 'is_compressed ? section_type::unused : type'
              cases:
                'section_type::unused': compressed_section
                'section_type::symtab': symbol_table(link, len_entry)
                'section_type::dynsym': symbol_table(link, len_entry)
                'section_type::strtab': string_table
                'section_type::rela': relocations_with_addend
                'section_type::rel': relocations
                'section_type::relr': words
                'section_type::hash': hash_table
                'section_type::gnu_hash': gnu_hash_table
                'section_type::dynamic': dynamic_table(link)
                'section_type::note': notes(alignment)
                'section_type::init_array': words
                'section_type::fini_array': words
                'section_type::preinit_array': words
                'section_type::group': section_group
                'section_type::symtab_shndx': section_indexes
                'section_type::gnu_versym': symbol_versions
                'section_type::gnu_verneed': version_needs(link)
                'section_type::gnu_verdef': version_definitions(link)
            if: has_body
          strings:
            doc: The body as a stream in which names are looked up by offset.
            io: _root._io
            pos: ofs_body
            size: len_body
            type: string_data
            if: type == section_type::strtab
      section_flags:
        doc: The flag bits by name.
        params:
          - id: bits
            type: u8
        instances:
          is_writable:
            -orig-id: SHF_WRITE
            value: bits & 1 != 0
          is_allocated:
            -orig-id: SHF_ALLOC
            value: bits & 2 != 0
          is_executable:
            -orig-id: SHF_EXECINSTR
            value: bits & 4 != 0
          is_mergeable:
            -orig-id: SHF_MERGE
            value: bits & 0x10 != 0
          has_strings:
            -orig-id: SHF_STRINGS
            value: bits & 0x20 != 0
          has_info_link:
            -orig-id: SHF_INFO_LINK
            value: bits & 0x40 != 0
          keeps_link_order:
            -orig-id: SHF_LINK_ORDER
            value: bits & 0x80 != 0
          is_os_specific:
            -orig-id: SHF_OS_NONCONFORMING
            value: bits & 0x100 != 0
          is_in_group:
            -orig-id: SHF_GROUP
            value: bits & 0x200 != 0
          is_thread_local:
            -orig-id: SHF_TLS
            value: bits & 0x400 != 0
          is_compressed:
            -orig-id: SHF_COMPRESSED
            value: bits & 0x800 != 0
          is_retained:
            -orig-id: SHF_GNU_RETAIN
            value: bits & 0x200000 != 0
          is_excluded:
            -orig-id: SHF_EXCLUDE
            value: bits & 0x80000000 != 0
      string_data:
        doc: A stream without fields.
      string_table:
        seq:
          - id: entries
            type: strz
            repeat: eos
            eos-error: false
      interpreter:
        seq:
          - id: path
            type: strz
            eos-error: false
      words:
        seq:
          - id: entries
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
            repeat: eos
      section_group:
        seq:
          - id: flags
            -orig-id: GRP_COMDAT
            type: u4
            enum: group_flag
          - id: sections
            type: u4
            repeat: eos
      section_indexes:
        seq:
          - id: entries
            type: u4
            repeat: eos
      compressed_section:
        -orig-id: Elf64_Chdr
        seq:
          - id: type
            -orig-id: ch_type
            type: u4
            enum: compression
          - id: reserved
            type: u4
            if: _root.is_64
          - id: len_body
            -orig-id: ch_size
            doc: Size after decompression.
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: alignment
            -orig-id: ch_addralign
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: body
            size-eos: true
            process: zlib
            if: type == compression::zlib
          - id: compressed_body
            size-eos: true
            if: type != compression::zlib
      symbol_table:
        params:
          - id: link
            type: u4
          - id: len_entry
            type: u8
        seq:
          - id: entries
            size: len_entry
            type: symbol
            repeat: eos
            if: len_entry != 0
        instances:
          has_strings:
            value: |
              link != 0 and link < _root.header.num_section_headers
                and _root.header.section_headers[link].type == section_type::strtab
          strings:
            value: _root.header.section_headers[link].strings
            if: has_strings
      symbol:
        -webide-representation: '{name} {type} {bind} = {value:hex}'
        seq:
          - id: ofs_name
            -orig-id: st_name
            type: u4
          - id: value_32
            -orig-id: st_value
            type: u4
            if: not _root.is_64
          - id: len_object_32
            -orig-id: st_size
            type: u4
            if: not _root.is_64
          - id: bind
            -orig-id: ELF64_ST_BIND
            type: b4
            enum: symbol_bind
          - id: type
            -orig-id: ELF64_ST_TYPE
            type: b4
            enum: symbol_type
          - id: other
            -orig-id: st_other
            type: b6
          - id: visibility
            -orig-id: ELF64_ST_VISIBILITY
            type: b2
            enum: symbol_visibility
          - id: section_index
            -orig-id: st_shndx
            type: u2
            enum: special_section
          - id: value_64
            -orig-id: st_value
            type: u8
            if: _root.is_64
          - id: len_object_64
            -orig-id: st_size
            type: u8
            if: _root.is_64
        instances:
          value:
            value: '_root.is_64 ? value_64 : value_32'
          len_object:
            value: '_root.is_64 ? len_object_64 : len_object_32'
          name:
            io: _parent.strings._io
            pos: ofs_name
            type: strz
            if: _parent.has_strings
      relocations:
        seq:
          - id: entries
            type: relocation(false)
            size: '_root.is_64 ? 16 : 8'
            repeat: eos
      relocations_with_addend:
        seq:
          - id: entries
            type: relocation(true)
            size: '_root.is_64 ? 24 : 12'
            repeat: eos
      relocation:
        -webide-representation: '{address:hex} type {type} symbol {symbol_index}'
        params:
          - id: has_addend
            type: bool
        seq:
          - id: address
            -orig-id: r_offset
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: info
            -orig-id: r_info
            doc: Symbol in the upper half, type in the lower half.
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: addend
            -orig-id: r_addend
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': s4, 'file_class::elf64': s8 } }
            if: has_addend
        instances:
          symbol_index:
            value: '_root.is_64 ? info / 0x100000000 : info / 0x100'
          type:
            value: '_root.is_64 ? info % 0x100000000 : info % 0x100'
          type_386:
            value: type
            enum: relocation_386
            if: _root.header.machine == machine::i386
          type_x86_64:
            value: type
            enum: relocation_x86_64
            if: _root.header.machine == machine::x86_64
          type_aarch64:
            value: type
            enum: relocation_aarch64
            if: _root.header.machine == machine::aarch64
          type_riscv:
            value: type
            enum: relocation_riscv
            if: _root.header.machine == machine::riscv
      dynamic_table:
        params:
          - id: link
            doc: Index of the section with the names, or 0.
            type: u4
        seq:
          - id: entries
            type: dynamic_entry
            size: '_root.is_64 ? 16 : 8'
            repeat: eos
        instances:
          has_strings:
            value: |
              link != 0 and link < _root.header.num_section_headers
                and _root.header.section_headers[link].type == section_type::strtab
          strings:
            value: _root.header.section_headers[link].strings
            if: has_strings
      dynamic_entry:
        -webide-representation: '{tag} {value:hex} {name}'
        seq:
          - id: raw_tag
            -orig-id: d_tag
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: value
            -orig-id: d_un
            doc: A number, an address or the offset of a name, depending on the tag.
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
        instances:
          tag:
            value: raw_tag
            enum: dynamic_tag
          names_something:
            value: |
              tag == dynamic_tag::needed or tag == dynamic_tag::soname
                or tag == dynamic_tag::rpath or tag == dynamic_tag::runpath
                or tag == dynamic_tag::auxiliary or tag == dynamic_tag::filter
          name:
            io: _parent.strings._io
            pos: value
            type: strz
            if: names_something and _parent.has_strings
      hash_table:
        seq:
          - id: num_buckets
            type: u4
          - id: num_chains
            doc: Equals the number of symbols.
            type: u4
          - id: buckets
            type: u4
            repeat: expr
            repeat-expr: num_buckets
          - id: chains
            type: u4
            repeat: expr
            repeat-expr: num_chains
      gnu_hash_table:
        seq:
          - id: num_buckets
            type: u4
          - id: first_symbol
            doc: Index of the first symbol in this table.
            type: u4
          - id: num_bloom_words
            type: u4
          - id: bloom_shift
            type: u4
          - id: bloom_words
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
            repeat: expr
            repeat-expr: num_bloom_words
          - id: buckets
            type: u4
            repeat: expr
            repeat-expr: num_buckets
          - id: hashes
            doc: The lowest bit marks the end of a chain.
            type: u4
            repeat: eos
      symbol_versions:
        seq:
          - id: entries
            type: symbol_version
            repeat: eos
      symbol_version:
        -webide-representation: '{index:dec}'
        seq:
          - id: raw
            type: u2
        instances:
          index:
            value: raw & 0x7fff
          is_hidden:
            value: raw & 0x8000 != 0
      version_needs:
        doc: Linked list of files and the versions required from each.
        params:
          - id: link
            type: u4
        instances:
          strings:
            value: _root.header.section_headers[link].strings
          first:
            pos: 0
            type: version_need(0, link)
      version_need:
        -webide-representation: '{file}'
        params:
          - id: start
            type: u4
          - id: link
            type: u4
        seq:
          - id: version
            -orig-id: vn_version
            type: u2
          - id: num_versions
            -orig-id: vn_cnt
            type: u2
          - id: ofs_file
            -orig-id: vn_file
            type: u4
          - id: ofs_versions
            -orig-id: vn_aux
            type: u4
          - id: ofs_next
            -orig-id: vn_next
            type: u4
        instances:
          file:
            io: _root.header.section_headers[link].strings._io
            pos: ofs_file
            type: strz
          versions:
            pos: start + ofs_versions
            size: 16
            type: needed_version(link)
            repeat: expr
            repeat-expr: num_versions
          next:
            pos: start + ofs_next
            type: version_need(start + ofs_next, link)
            if: ofs_next != 0
      needed_version:
        -webide-representation: '{name} {index}'
        params:
          - id: link
            type: u4
        seq:
          - id: hash
            -orig-id: vna_hash
            type: u4
          - id: flags
            -orig-id: vna_flags
            doc: 1 base version, 2 weak.
            type: u2
          - id: index
            -orig-id: vna_other
            type: u2
          - id: ofs_name
            -orig-id: vna_name
            type: u4
          - id: ofs_next
            -orig-id: vna_next
            type: u4
        instances:
          name:
            io: _root.header.section_headers[link].strings._io
            pos: ofs_name
            type: strz
      version_definitions:
        doc: Linked list of the versions that this file defines.
        params:
          - id: link
            type: u4
        instances:
          first:
            pos: 0
            type: version_definition(0, link)
      version_definition:
        -webide-representation: '{index}'
        params:
          - id: start
            type: u4
          - id: link
            type: u4
        seq:
          - id: version
            -orig-id: vd_version
            type: u2
          - id: flags
            -orig-id: vd_flags
            type: u2
          - id: index
            -orig-id: vd_ndx
            type: u2
          - id: num_names
            -orig-id: vd_cnt
            type: u2
          - id: hash
            -orig-id: vd_hash
            type: u4
          - id: ofs_names
            -orig-id: vd_aux
            type: u4
          - id: ofs_next
            -orig-id: vd_next
            type: u4
        instances:
          names:
            doc: Its own name, then the names of its parents.
            pos: start + ofs_names
            size: 8
            type: version_name(link)
            repeat: expr
            repeat-expr: num_names
          next:
            pos: start + ofs_next
            type: version_definition(start + ofs_next, link)
            if: ofs_next != 0
      version_name:
        -webide-representation: '{name}'
        params:
          - id: link
            type: u4
        seq:
          - id: ofs_name
            -orig-id: vda_name
            type: u4
          - id: ofs_next
            -orig-id: vda_next
            type: u4
        instances:
          name:
            io: _root.header.section_headers[link].strings._io
            pos: ofs_name
            type: strz
      notes:
        params:
          - id: alignment
            type: u8
        seq:
          - id: entries
            type: 'note(alignment == 8 ? 8 : 4)'
            repeat: eos
      note:
        -webide-representation: '{owner} {type} {core_type} {gnu_type}'
        params:
          - id: alignment
            type: u1
        seq:
          - id: len_owner
            -orig-id: n_namesz
            type: u4
          - id: len_body
            -orig-id: n_descsz
            type: u4
          - id: type
            -orig-id: n_type
            doc: The meaning depends on the owner.
            type: u4
          - id: owner
            -orig-id: n_name
            size: len_owner
            type: strz
            eos-error: false
          - id: owner_padding
            size: (4 - len_owner % 4) % 4
          - id: body
            -orig-id: n_desc
            size: len_body
            type:
              switch-on: owner + "/" + type.to_s
              cases:
                '"CORE/1"': core_prstatus
                '"CORE/3"': core_prpsinfo
                '"CORE/6"': core_auxv
                '"CORE/1397311305"': core_siginfo
                '"CORE/1179208773"': core_file
                '"GNU/1"': gnu_abi_tag
                '"GNU/4"': note_text
                '"GNU/5"': gnu_properties
                '"Go/4"': note_text
                '"FDO/3405650558"': note_text
                '"FDO/1081871370"': note_text
                '"stapsdt/3"': systemtap_probe
          - id: body_padding
            size: |
              (alignment - _io.pos % alignment) % alignment > _io.size - _io.pos
                ? _io.size - _io.pos : (alignment - _io.pos % alignment) % alignment
        instances:
          core_type:
            value: type
            enum: core_note
            if: owner == "CORE" or owner == "LINUX"
          gnu_type:
            value: type
            enum: gnu_note
            if: owner == "GNU"
      note_text:
        seq:
          - id: text
            type: strz
            eos-error: false
      gnu_abi_tag:
        seq:
          - id: os
            type: u4
            enum: gnu_os
          - id: major
            type: u4
          - id: minor
            type: u4
          - id: patch
            type: u4
      gnu_properties:
        seq:
          - id: entries
            type: gnu_property
            repeat: eos
      gnu_property:
        -webide-representation: '{type}'
        seq:
          - id: type
            -orig-id: pr_type
            type: u4
            enum: gnu_property_type
          - id: len_body
            -orig-id: pr_datasz
            type: u4
          - id: body
            size: len_body
          - id: padding
            size: '_root.is_64 ? (8 - len_body % 8) % 8 : (4 - len_body % 4) % 4'
      systemtap_probe:
        seq:
          - id: address
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: base_address
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: semaphore_address
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: provider
            type: strz
          - id: name
            type: strz
          - id: arguments
            type: strz
      time_value:
        -webide-representation: '{seconds}.{microseconds} s'
        seq:
          - id: seconds
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: microseconds
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
      core_prstatus:
        doc: State and registers of one thread.
        -webide-representation: 'thread {pid}, signal {current_signal}'
        seq:
          - id: signal
            -orig-id: si_signo
            type: s4
          - id: signal_code
            -orig-id: si_code
            type: s4
          - id: signal_errno
            -orig-id: si_errno
            type: s4
          - id: current_signal
            -orig-id: pr_cursig
            type: s2
            enum: signal
          - id: padding
            size: 2
          - id: pending_signals
            -orig-id: pr_sigpend
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: held_signals
            -orig-id: pr_sighold
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: pid
            doc: Thread ID.
            type: u4
          - id: parent_pid
            type: u4
          - id: process_group
            type: u4
          - id: session
            type: u4
          - id: user_time
            type: time_value
          - id: system_time
            type: time_value
          - id: children_user_time
            type: time_value
          - id: children_system_time
            type: time_value
          - id: registers
            size: '_root.is_64 ? _io.size - _io.pos - 8 : _io.size - _io.pos - 4'
            type:
              switch-on: _root.header.machine
              cases:
                'machine::x86_64': registers_x86_64
                'machine::i386': registers_386
                'machine::aarch64': registers_aarch64
                _: words
          - id: has_float_registers
            -orig-id: pr_fpvalid
            type: s4
          - id: trailing_padding
            size-eos: true
      registers_x86_64:
        seq:
          - id: r15
            type: u8
          - id: r14
            type: u8
          - id: r13
            type: u8
          - id: r12
            type: u8
          - id: rbp
            type: u8
          - id: rbx
            type: u8
          - id: r11
            type: u8
          - id: r10
            type: u8
          - id: r9
            type: u8
          - id: r8
            type: u8
          - id: rax
            type: u8
          - id: rcx
            type: u8
          - id: rdx
            type: u8
          - id: rsi
            type: u8
          - id: rdi
            type: u8
          - id: orig_rax
            type: u8
          - id: rip
            type: u8
          - id: cs
            type: u8
          - id: eflags
            type: u8
          - id: rsp
            type: u8
          - id: ss
            type: u8
          - id: fs_base
            type: u8
          - id: gs_base
            type: u8
          - id: ds
            type: u8
          - id: es
            type: u8
          - id: fs
            type: u8
          - id: gs
            type: u8
      registers_386:
        seq:
          - id: ebx
            type: u4
          - id: ecx
            type: u4
          - id: edx
            type: u4
          - id: esi
            type: u4
          - id: edi
            type: u4
          - id: ebp
            type: u4
          - id: eax
            type: u4
          - id: ds
            type: u4
          - id: es
            type: u4
          - id: fs
            type: u4
          - id: gs
            type: u4
          - id: orig_eax
            type: u4
          - id: eip
            type: u4
          - id: cs
            type: u4
          - id: eflags
            type: u4
          - id: esp
            type: u4
          - id: ss
            type: u4
      registers_aarch64:
        seq:
          - id: x
            doc: x0 to x30; x29 is the frame pointer, x30 the link register.
            type: u8
            repeat: expr
            repeat-expr: 31
          - id: sp
            type: u8
          - id: pc
            type: u8
          - id: pstate
            type: u8
      core_prpsinfo:
        doc: The process and its command line.
        -webide-representation: '{name} pid {pid}'
        seq:
          - id: state
            type: u1
          - id: state_letter
            size: 1
            type: str
            encoding: ASCII
          - id: is_zombie
            type: u1
          - id: nice
            type: s1
          - id: padding
            size: 4
            if: _root.is_64
          - id: flags
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: uid_16
            type: u2
            if: _io.size == 124
          - id: gid_16
            type: u2
            if: _io.size == 124
          - id: uid_32
            type: u4
            if: _io.size != 124
          - id: gid_32
            type: u4
            if: _io.size != 124
          - id: pid
            type: u4
          - id: parent_pid
            type: u4
          - id: process_group
            type: u4
          - id: session
            type: u4
          - id: name
            -orig-id: pr_fname
            size: 16
            type: strz
            eos-error: false
          - id: arguments
            -orig-id: pr_psargs
            size: 80
            type: strz
            eos-error: false
        instances:
          uid:
            value: '_io.size == 124 ? uid_16 : uid_32'
          gid:
            value: '_io.size == 124 ? gid_16 : gid_32'
      core_auxv:
        seq:
          - id: entries
            type: auxiliary_value
            size: '_root.is_64 ? 16 : 8'
            repeat: eos
      auxiliary_value:
        -webide-representation: '{type} = {value:hex}'
        seq:
          - id: raw_type
            -orig-id: a_type
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: value
            -orig-id: a_val
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
        instances:
          type:
            value: raw_type
            enum: auxiliary_type
      core_siginfo:
        seq:
          - id: signal
            type: s4
            enum: signal
          - id: errno
            type: s4
          - id: code
            type: s4
          - id: details
            size-eos: true
      core_file:
        doc: Files mapped into the process.
        seq:
          - id: num_files
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: len_page
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: ranges
            type: mapped_range
            size: '_root.is_64 ? 24 : 12'
            repeat: expr
            repeat-expr: num_files
          - id: paths
            type: strz
            repeat: expr
            repeat-expr: num_files
      mapped_range:
        -webide-representation: '{start:hex}..{end:hex} from page {file_page}'
        seq:
          - id: start
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: end
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
          - id: file_page
            doc: Offset in the file, in pages.
            type: { switch-on: _root.file_class, cases: { 'file_class::elf32': u4, 'file_class::elf64': u8 } }
enums:
  file_class:
    1: elf32
    2: elf64
  byte_order:
    1: lsb
    2: msb
  os_abi:
    0: system_v
    1: hp_ux
    2: netbsd
    3: gnu
    6: solaris
    7: aix
    8: irix
    9: freebsd
    10: tru64
    11: modesto
    12: openbsd
    13: openvms
    14: nsk
    15: aros
    16: fenixos
    17: cloudabi
    18: openvos
    51: cuda
    64: arm_eabi
    97: arm
    255: standalone
  object_type:
    0: none
    1: rel
    2: exec
    3: dyn
    4: core
  machine:
    0: none
    1: m32
    2: sparc
    3: i386
    4: m68k
    5: m88k
    6: iamcu
    7: i860
    8: mips
    9: s370
    10: mips_rs3_le
    15: parisc
    17: vpp500
    18: sparc32plus
    19: i960
    20: ppc
    21: ppc64
    22: s390
    23: spu
    36: v800
    37: fr20
    38: rh32
    39: rce
    40: arm
    41: alpha_old
    42: sh
    43: sparcv9
    44: tricore
    45: arc
    46: h8_300
    47: h8_300h
    48: h8s
    49: h8_500
    50: ia_64
    51: mips_x
    52: coldfire
    53: m68hc12
    54: mma
    55: pcp
    62: x86_64
    63: pdsp
    64: pdp10
    65: pdp11
    75: vax
    76: cris
    77: javelin
    80: mmix
    83: avr
    84: fr30
    85: d10v
    86: d30v
    87: v850
    88: m32r
    89: mn10300
    90: mn10200
    92: openrisc
    93: arc_compact
    94: xtensa
    95: videocore
    105: msp430
    106: blackfin
    113: altera_nios2
    135: score
    138: lattice_mico32
    140: ti_c6000
    164: hexagon
    167: nds32
    173: rl78
    174: videocore5
    183: aarch64
    185: avr32
    186: stm8
    187: tile64
    188: tilepro
    189: microblaze
    190: cuda
    191: tilegx
    195: arc_compact2
    197: rx
    203: elbrus
    224: amdgpu
    243: riscv
    244: lanai
    247: bpf
    250: ft32
    251: ve
    252: csky
    258: loongarch
    0x9026: alpha
    0xa390: s390_old
  segment_type:
    0: unused
    1: load
    2: dynamic
    3: interp
    4: note
    5: shlib
    6: phdr
    7: tls
    0x6474e550: gnu_eh_frame
    0x6474e551: gnu_stack
    0x6474e552: gnu_relro
    0x6474e553: gnu_property
    0x6474e554: gnu_sframe
    0x65a3dbe6: openbsd_randomize
    0x65a3dbe7: openbsd_wxneeded
    0x70000000: mips_reginfo
    0x70000001: arm_exidx
    0x70000002: aarch64_memtag_mte
    0x70000003: processor_attributes
  section_type:
    0: unused
    1: progbits
    2: symtab
    3: strtab
    4: rela
    5: hash
    6: dynamic
    7: note
    8: nobits
    9: rel
    10: shlib
    11: dynsym
    14: init_array
    15: fini_array
    16: preinit_array
    17: group
    18: symtab_shndx
    19: relr
    0x60000001: android_rel
    0x60000002: android_rela
    0x6fff4700: gnu_incremental_inputs
    0x6fff4c03: llvm_addrsig
    0x6fff4c04: llvm_dependent_libraries
    0x6fff4c0a: llvm_bb_addr_map
    0x6ffffff5: gnu_attributes
    0x6ffffff6: gnu_hash
    0x6ffffff7: gnu_liblist
    0x6ffffffd: gnu_verdef
    0x6ffffffe: gnu_verneed
    0x6fffffff: gnu_versym
    0x70000001: unwind
    0x70000002: arm_preemption_map
    0x70000003: processor_attributes
    0x7000000d: mips_options
  compression:
    1: zlib
    2: zstd
  group_flag:
    0: plain
    1: comdat
  special_section:
    0: undefined
    0xfff1: absolute
    0xfff2: common
    0xffff: extended
  symbol_bind:
    0: local
    1: global
    2: weak
    10: gnu_unique
  symbol_type:
    0: notype
    1: object
    2: func
    3: section
    4: file
    5: common
    6: tls
    10: gnu_ifunc
  symbol_visibility:
    0: default_visibility
    1: internal
    2: hidden
    3: protected
  dynamic_tag:
    0: end
    1: needed
    2: pltrelsz
    3: pltgot
    4: hash
    5: strtab
    6: symtab
    7: rela
    8: relasz
    9: relaent
    10: strsz
    11: syment
    12: init
    13: fini
    14: soname
    15: rpath
    16: symbolic
    17: rel
    18: relsz
    19: relent
    20: pltrel
    21: debug
    22: textrel
    23: jmprel
    24: bind_now
    25: init_array
    26: fini_array
    27: init_arraysz
    28: fini_arraysz
    29: runpath
    30: flags
    32: preinit_array
    33: preinit_arraysz
    34: symtab_shndx
    35: relrsz
    36: relr
    37: relrent
    0x6ffffdf5: gnu_prelinked
    0x6ffffdf6: gnu_conflictsz
    0x6ffffdf7: gnu_liblistsz
    0x6ffffdf8: checksum
    0x6ffffef5: gnu_hash
    0x6ffffef6: tlsdesc_plt
    0x6ffffef7: tlsdesc_got
    0x6ffffff0: versym
    0x6ffffff9: relacount
    0x6ffffffa: relcount
    0x6ffffffb: flags_1
    0x6ffffffc: verdef
    0x6ffffffd: verdefnum
    0x6ffffffe: verneed
    0x6fffffff: verneednum
    0x7ffffffd: auxiliary
    0x7fffffff: filter
  gnu_os:
    0: linux
    1: hurd
    2: solaris
    3: freebsd
  gnu_note:
    1: abi_tag
    2: hwcap
    3: build_id
    4: gold_version
    5: property_0
    0x100: build_attribute_open
    0x101: build_attribute_func
  gnu_property_type:
    1: stack_size
    2: no_copy_on_protected
    0xb0008000: one_needed
    0xc0000000: aarch64_feature_1_and
    0xc0000002: x86_feature_1_and
    0xc0008002: x86_isa_1_needed
    0xc0010002: x86_isa_1_used
    0xc0010001: x86_feature_2_used
    0xc0008001: x86_feature_2_needed
  core_note:
    1: prstatus
    2: fpregset
    3: prpsinfo
    4: taskstruct
    6: auxv
    0x100: ppc_vmx
    0x102: ppc_vsx
    0x200: i386_tls
    0x201: i386_ioperm
    0x202: x86_xstate
    0x204: x86_shstk
    0x205: x86_xsave_layout
    0x300: s390_high_gprs
    0x400: arm_vfp
    0x401: arm_tls
    0x402: arm_hw_break
    0x403: arm_hw_watch
    0x404: arm_system_call
    0x405: arm_sve
    0x406: arm_pac_mask
    0x409: arm_tagged_addr_ctrl
    0x900: riscv_csr
    0x901: riscv_vector
    0x46494c45: file
    0x46e62b7f: prxfpreg
    0x53494749: siginfo
  signal:
    0: none
    1: sighup
    2: sigint
    3: sigquit
    4: sigill
    5: sigtrap
    6: sigabrt
    7: sigbus
    8: sigfpe
    9: sigkill
    10: sigusr1
    11: sigsegv
    12: sigusr2
    13: sigpipe
    14: sigalrm
    15: sigterm
    24: sigxcpu
    25: sigxfsz
    31: sigsys
  auxiliary_type:
    0: end
    1: ignore
    2: execfd
    3: phdr
    4: phent
    5: phnum
    6: pagesz
    7: base
    8: flags
    9: entry
    10: notelf
    11: uid
    12: euid
    13: gid
    14: egid
    15: platform
    16: hwcap
    17: clktck
    23: secure
    24: base_platform
    25: random
    26: hwcap2
    27: rseq_feature_size
    28: rseq_align
    29: hwcap3
    30: hwcap4
    31: execfn
    32: sysinfo
    33: sysinfo_ehdr
    51: minsigstksz
  relocation_386:
    0: none
    1: abs32
    2: pc32
    3: got32
    4: plt32
    5: copy
    6: glob_dat
    7: jump_slot
    8: relative
    9: gotoff
    10: gotpc
    14: tls_tpoff
    15: tls_ie
    16: tls_gotie
    17: tls_le
    18: tls_gd
    19: tls_ldm
    20: abs16
    21: pc16
    22: abs8
    23: pc8
    32: tls_ldo_32
    35: tls_dtpmod32
    36: tls_dtpoff32
    37: tls_tpoff32
    41: tls_desc
    42: irelative
    43: got32x
  relocation_x86_64:
    0: none
    1: abs64
    2: pc32
    3: got32
    4: plt32
    5: copy
    6: glob_dat
    7: jump_slot
    8: relative
    9: gotpcrel
    10: abs32
    11: abs32s
    12: abs16
    13: pc16
    14: abs8
    15: pc8
    16: dtpmod64
    17: dtpoff64
    18: tpoff64
    19: tlsgd
    20: tlsld
    21: dtpoff32
    22: gottpoff
    23: tpoff32
    24: pc64
    25: gotoff64
    26: gotpc32
    27: got64
    28: gotpcrel64
    29: gotpc64
    31: pltoff64
    32: size32
    33: size64
    34: gotpc32_tlsdesc
    35: tlsdesc_call
    36: tlsdesc
    37: irelative
    38: relative64
    41: gotpcrelx
    42: rex_gotpcrelx
  relocation_aarch64:
    0: none
    257: abs64
    258: abs32
    259: abs16
    260: prel64
    261: prel32
    262: prel16
    263: movw_uabs_g0
    264: movw_uabs_g0_nc
    265: movw_uabs_g1
    266: movw_uabs_g1_nc
    273: ld_prel_lo19
    274: adr_prel_lo21
    275: adr_prel_pg_hi21
    276: adr_prel_pg_hi21_nc
    277: add_abs_lo12_nc
    278: ldst8_abs_lo12_nc
    279: tstbr14
    280: condbr19
    282: jump26
    283: call26
    284: ldst16_abs_lo12_nc
    285: ldst32_abs_lo12_nc
    286: ldst64_abs_lo12_nc
    299: ldst128_abs_lo12_nc
    311: adr_got_page
    312: ld64_got_lo12_nc
    541: tlsie_adr_gottprel_page21
    542: tlsie_ld64_gottprel_lo12_nc
    549: tlsle_add_tprel_hi12
    551: tlsle_add_tprel_lo12_nc
    562: tlsdesc_adr_page21
    563: tlsdesc_ld64_lo12
    564: tlsdesc_add_lo12
    569: tlsdesc_call
    1024: copy
    1025: glob_dat
    1026: jump_slot
    1027: relative
    1028: tls_dtpmod64
    1029: tls_dtprel64
    1030: tls_tprel64
    1031: tlsdesc
    1032: irelative
  relocation_riscv:
    0: none
    1: abs32
    2: abs64
    3: relative
    4: copy
    5: jump_slot
    6: tls_dtpmod32
    7: tls_dtpmod64
    8: tls_dtprel32
    9: tls_dtprel64
    10: tls_tprel32
    11: tls_tprel64
    12: tlsdesc
    16: branch
    17: jal
    18: call
    19: call_plt
    20: got_hi20
    21: tls_got_hi20
    22: tls_gd_hi20
    23: pcrel_hi20
    24: pcrel_lo12_i
    25: pcrel_lo12_s
    26: hi20
    27: lo12_i
    28: lo12_s
    29: tprel_hi20
    30: tprel_lo12_i
    31: tprel_lo12_s
    32: tprel_add
    33: add8
    34: add16
    35: add32
    36: add64
    37: sub8
    38: sub16
    39: sub32
    40: sub64
    43: align
    44: rvc_branch
    45: rvc_jump
    51: relax
    52: sub6
    53: set6
    54: set8
    55: set16
    56: set32
    57: pcrel32
    58: irelative
