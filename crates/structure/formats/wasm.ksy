meta:
  id: wasm
  title: WebAssembly module
  file-extension: wasm
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
doc: Sections, each with its length. Numbers are LEB128, seven bits a byte, lowest first.
doc-ref:
  - https://webassembly.github.io/spec/core/binary/index.html
  - https://github.com/WebAssembly/tool-conventions
seq:
  - id: magic
    contents: [0, "asm"]
  - id: version
    doc: 1 for a module; components have other numbers.
    type: u4
  - id: sections
    type: section
    repeat: eos
    if: version == 1
  - id: component
    doc: Contents of a component.
    size-eos: true
    if: version != 1
types:
  leb128:
    -webide-representation: '{value:dec}'
    seq:
      - id: bytes
        type: u1
        repeat: until
        repeat-until: _ & 0x80 == 0
    instances:
      value:
        doc: Unsigned value.
        value: |
          (bytes[0] & 0x7f) + (bytes.size > 1 ? (bytes[1] & 0x7f) * 0x80 : 0)
            + (bytes.size > 2 ? (bytes[2] & 0x7f) * 0x4000 : 0)
            + (bytes.size > 3 ? (bytes[3] & 0x7f) * 0x200000 : 0)
            + (bytes.size > 4 ? (bytes[4] & 0x7f) * 0x10000000 : 0)
            + (bytes.size > 5 ? (bytes[5] & 0x7f) * 0x800000000 : 0)
            + (bytes.size > 6 ? (bytes[6] & 0x7f) * 0x40000000000 : 0)
            + (bytes.size > 7 ? (bytes[7] & 0x7f) * 0x2000000000000 : 0)
            + (bytes.size > 8 ? (bytes[8] & 0x7f) * 0x100000000000000 : 0)
            + (bytes.size > 9 ? (bytes[9] & 0x7f) * 0x4000000000000000 * 2 : 0)
  signed_leb128:
    -webide-representation: '{value:dec}'
    seq:
      - id: number
        type: leb128
    instances:
      span:
        doc: Size of the range that this many bytes can hold.
        value: |
          number.bytes.size == 1 ? 0x80 : number.bytes.size == 2 ? 0x4000
            : number.bytes.size == 3 ? 0x200000 : number.bytes.size == 4 ? 0x10000000
            : number.bytes.size == 5 ? 0x800000000 : number.bytes.size == 6 ? 0x40000000000
            : number.bytes.size == 7 ? 0x2000000000000 : number.bytes.size == 8 ? 0x100000000000000
            : number.bytes.size == 9 ? 0x4000000000000000 * 2 : 0x4000000000000000 * 0x100
      value:
        value: 'number.bytes.last & 0x40 != 0 ? number.value - span : number.value'
  name:
    -webide-representation: '{text}'
    seq:
      - id: len_text
        type: leb128
      - id: text
        type: str
        size: len_text.value
  section:
    -webide-representation: '{id} {len_body} bytes {body}'
    seq:
      - id: id
        type: u1
        enum: section_id
      - id: len_body
        type: leb128
      - id: body
        size: len_body.value
        type:
          switch-on: id
          cases:
            'section_id::custom': custom_section
            'section_id::type': type_section
            'section_id::import': import_section
            'section_id::function': function_section
            'section_id::table': table_section
            'section_id::memory': memory_section
            'section_id::global': global_section
            'section_id::export': export_section
            'section_id::start': start_section
            'section_id::element': element_section
            'section_id::code': code_section
            'section_id::data': data_section
            'section_id::data_count': data_count_section
            'section_id::tag': tag_section
  custom_section:
    -webide-representation: '{name}'
    seq:
      - id: name
        type: name
      - id: body
        size-eos: true
        type:
          switch-on: name.text
          cases:
            '"name"': name_section
            '"producers"': producers_section
            '"target_features"': target_features_section
            '"sourceMappingURL"': name
            '"linking"': linking_section
            '"reloc.CODE"': relocation_section
            '"reloc.DATA"': relocation_section
  name_section:
    seq:
      - id: subsections
        type: name_subsection
        repeat: eos
  name_subsection:
    -webide-representation: '{id} {len_body} bytes'
    seq:
      - id: id
        type: u1
        enum: name_subsection_id
      - id: len_body
        type: leb128
      - id: body
        size: len_body.value
        type:
          switch-on: id
          cases:
            'name_subsection_id::module': name
            'name_subsection_id::local': indirect_name_map
            'name_subsection_id::label': indirect_name_map
            'name_subsection_id::field': indirect_name_map
            _: name_map
  name_map:
    seq:
      - id: num_names
        type: leb128
      - id: names
        type: name_association
        repeat: expr
        repeat-expr: num_names.value
  name_association:
    -webide-representation: '{index} {name}'
    seq:
      - id: index
        type: leb128
      - id: name
        type: name
  indirect_name_map:
    seq:
      - id: num_maps
        type: leb128
      - id: maps
        type: indirect_name_association
        repeat: expr
        repeat-expr: num_maps.value
  indirect_name_association:
    -webide-representation: '{index}'
    seq:
      - id: index
        type: leb128
      - id: names
        type: name_map
  producers_section:
    seq:
      - id: num_fields
        type: leb128
      - id: fields
        type: producers_field
        repeat: expr
        repeat-expr: num_fields.value
  producers_field:
    -webide-representation: '{name}'
    seq:
      - id: name
        type: name
      - id: num_values
        type: leb128
      - id: values
        type: producer
        repeat: expr
        repeat-expr: num_values.value
  producer:
    -webide-representation: '{name} {version}'
    seq:
      - id: name
        type: name
      - id: version
        type: name
  target_features_section:
    seq:
      - id: num_features
        type: leb128
      - id: features
        type: target_feature
        repeat: expr
        repeat-expr: num_features.value
  target_feature:
    -webide-representation: '{prefix} {name}'
    seq:
      - id: prefix
        type: u1
        enum: feature_prefix
      - id: name
        type: name
  linking_section:
    seq:
      - id: version
        type: leb128
      - id: subsections
        type: linking_subsection
        repeat: eos
  linking_subsection:
    -webide-representation: '{type} {len_body} bytes'
    seq:
      - id: type
        type: u1
        enum: linking_type
      - id: len_body
        type: leb128
      - id: body
        size: len_body.value
  relocation_section:
    seq:
      - id: section_index
        type: leb128
      - id: num_entries
        type: leb128
      - id: entries
        type: relocation
        repeat: expr
        repeat-expr: num_entries.value
  relocation:
    -webide-representation: '{type} at {offset}'
    seq:
      - id: type
        type: u1
        enum: relocation_type
      - id: offset
        type: leb128
      - id: index
        type: leb128
      - id: addend
        type: signed_leb128
        if: |
          type == relocation_type::memory_addr_leb or type == relocation_type::memory_addr_sleb
            or type == relocation_type::memory_addr_i32 or type == relocation_type::function_offset_i32
            or type == relocation_type::section_offset_i32 or type == relocation_type::memory_addr_rel_sleb
            or type == relocation_type::memory_addr_leb64 or type == relocation_type::memory_addr_sleb64
            or type == relocation_type::memory_addr_i64 or type == relocation_type::memory_addr_rel_sleb64
            or type == relocation_type::function_offset_i64
            or type == relocation_type::memory_addr_locrel_i32
            or type == relocation_type::memory_addr_tls_sleb
            or type == relocation_type::memory_addr_tls_sleb64
  type_section:
    seq:
      - id: num_types
        type: leb128
      - id: types
        type: composite_type
        repeat: expr
        repeat-expr: num_types.value
  composite_type:
    -webide-representation: '{form}'
    seq:
      - id: form
        type: u1
        enum: type_form
      - id: body
        type:
          switch-on: form
          cases:
            'type_form::func': function_type
            'type_form::struct': struct_type
            'type_form::array': field_type
            'type_form::sub': sub_type
            'type_form::sub_final': sub_type
            'type_form::rec': type_section
  sub_type:
    seq:
      - id: num_supertypes
        type: leb128
      - id: supertypes
        type: leb128
        repeat: expr
        repeat-expr: num_supertypes.value
      - id: type
        type: composite_type
  function_type:
    -webide-representation: '{num_parameters} -> {num_results}'
    seq:
      - id: num_parameters
        type: leb128
      - id: parameters
        type: value_type
        repeat: expr
        repeat-expr: num_parameters.value
      - id: num_results
        type: leb128
      - id: results
        type: value_type
        repeat: expr
        repeat-expr: num_results.value
  struct_type:
    seq:
      - id: num_fields
        type: leb128
      - id: fields
        type: field_type
        repeat: expr
        repeat-expr: num_fields.value
  field_type:
    seq:
      - id: type
        type: value_type
      - id: is_mutable
        type: u1
  value_type:
    -webide-representation: '{type} {heap_type}'
    seq:
      - id: type
        type: u1
        enum: value_kind
      - id: heap_type
        doc: Type index, or a negative number for an abstract heap type.
        type: signed_leb128
        if: type == value_kind::ref_null or type == value_kind::ref
  limits:
    -webide-representation: '{min}..{max}'
    seq:
      - id: flags
        doc: 1 has a maximum, 2 shared, 4 64-bit addresses, 8 custom page size.
        type: u1
      - id: min
        type: leb128
      - id: max
        type: leb128
        if: flags & 1 != 0
      - id: log_page_size
        type: leb128
        if: flags & 8 != 0
  table_type:
    -webide-representation: '{element_type} {limits}'
    seq:
      - id: element_type
        type: value_type
      - id: limits
        type: limits
  global_type:
    -webide-representation: '{type} {mutability}'
    seq:
      - id: type
        type: value_type
      - id: mutability
        type: u1
        enum: mutability
  tag_type:
    seq:
      - id: attribute
        type: u1
      - id: type_index
        type: leb128
  import_section:
    seq:
      - id: num_imports
        type: leb128
      - id: imports
        type: import
        repeat: expr
        repeat-expr: num_imports.value
  import:
    -webide-representation: '{module}.{name} {kind}'
    seq:
      - id: module
        type: name
      - id: name
        type: name
      - id: kind
        type: u1
        enum: external_kind
      - id: description
        type:
          switch-on: kind
          cases:
            'external_kind::function': leb128
            'external_kind::table': table_type
            'external_kind::memory': limits
            'external_kind::global': global_type
            'external_kind::tag': tag_type
  function_section:
    seq:
      - id: num_functions
        type: leb128
      - id: type_indexes
        type: leb128
        repeat: expr
        repeat-expr: num_functions.value
  table_section:
    seq:
      - id: num_tables
        type: leb128
      - id: tables
        type: table
        repeat: expr
        repeat-expr: num_tables.value
  table:
    -webide-representation: '{element_type} {limits}'
    seq:
      - id: first_byte
        doc: 0x40 if the table has an initial value; otherwise the first byte of its type.
        type: u1
      - id: reserved
        type: u1
        if: first_byte == 0x40
      - id: type
        type: table_type
        if: first_byte == 0x40
      - id: heap_type
        type: signed_leb128
        if: first_byte == 0x63 or first_byte == 0x64
      - id: limits
        type: limits
        if: first_byte != 0x40
      - id: init
        type: expression
        if: first_byte == 0x40
    instances:
      element_type:
        value: first_byte
        enum: value_kind
        if: first_byte != 0x40
  memory_section:
    seq:
      - id: num_memories
        type: leb128
      - id: memories
        type: limits
        repeat: expr
        repeat-expr: num_memories.value
  global_section:
    seq:
      - id: num_globals
        type: leb128
      - id: globals
        type: global
        repeat: expr
        repeat-expr: num_globals.value
  global:
    -webide-representation: '{type}'
    seq:
      - id: type
        type: global_type
      - id: init
        type: expression
  export_section:
    seq:
      - id: num_exports
        type: leb128
      - id: exports
        type: export
        repeat: expr
        repeat-expr: num_exports.value
  export:
    -webide-representation: '{name} {kind} {index}'
    seq:
      - id: name
        type: name
      - id: kind
        type: u1
        enum: external_kind
      - id: index
        type: leb128
  start_section:
    seq:
      - id: function_index
        type: leb128
  element_section:
    seq:
      - id: num_segments
        type: leb128
      - id: segments
        type: element_segment
        repeat: expr
        repeat-expr: num_segments.value
  element_segment:
    -webide-representation: '{num_elements} elements'
    seq:
      - id: flags
        type: leb128
      - id: table_index
        type: leb128
        if: is_active and has_index
      - id: offset
        type: expression
        if: is_active
      - id: element_kind
        doc: 0 for functions.
        type: u1
        if: not has_expressions and flags.value & 3 != 0
      - id: element_type
        type: value_type
        if: has_expressions and flags.value & 3 != 0
      - id: num_elements
        type: leb128
      - id: function_indexes
        type: leb128
        repeat: expr
        repeat-expr: num_elements.value
        if: not has_expressions
      - id: expressions
        type: expression
        repeat: expr
        repeat-expr: num_elements.value
        if: has_expressions
    instances:
      is_active:
        value: flags.value & 1 == 0
      has_index:
        value: flags.value & 2 != 0
      has_expressions:
        value: flags.value & 4 != 0
  code_section:
    seq:
      - id: num_functions
        type: leb128
      - id: functions
        type: function
        repeat: expr
        repeat-expr: num_functions.value
  function:
    -webide-representation: '{len_body} bytes'
    seq:
      - id: len_body
        type: leb128
      - id: body
        size: len_body.value
        type: function_body
  function_body:
    seq:
      - id: num_local_groups
        type: leb128
      - id: local_groups
        type: local_group
        repeat: expr
        repeat-expr: num_local_groups.value
      - id: code
        size-eos: true
  local_group:
    -webide-representation: '{num_locals} x {type}'
    seq:
      - id: num_locals
        type: leb128
      - id: type
        type: value_type
  data_section:
    seq:
      - id: num_segments
        type: leb128
      - id: segments
        type: data_segment
        repeat: expr
        repeat-expr: num_segments.value
  data_segment:
    -webide-representation: '{len_data} bytes'
    seq:
      - id: flags
        doc: 0 active, 1 passive, 2 active with the index of a memory.
        type: leb128
      - id: memory_index
        type: leb128
        if: flags.value == 2
      - id: offset
        type: expression
        if: flags.value != 1
      - id: len_data
        type: leb128
      - id: data
        size: len_data.value
  data_count_section:
    seq:
      - id: num_segments
        type: leb128
  tag_section:
    seq:
      - id: num_tags
        type: leb128
      - id: tags
        type: tag_type
        repeat: expr
        repeat-expr: num_tags.value
  expression:
    doc: Constant expression.
    -webide-representation: '{instructions[0]}'
    seq:
      - id: instructions
        type: instruction
        repeat: until
        repeat-until: _.opcode == opcode::end
  instruction:
    -webide-representation: '{opcode} {operand}'
    seq:
      - id: opcode
        type: u1
        enum: opcode
      - id: operand
        type:
          switch-on: opcode
          cases:
            'opcode::i32_const': signed_leb128
            'opcode::i64_const': signed_leb128
            'opcode::f32_const': f4
            'opcode::f64_const': f8
            'opcode::global_get': leb128
            'opcode::ref_null': signed_leb128
            'opcode::ref_func': leb128
            'opcode::gc': gc_instruction
            'opcode::simd': simd_instruction
  gc_instruction:
    seq:
      - id: opcode
        type: leb128
      - id: type_index
        type: leb128
        if: opcode.value <= 8
      - id: num_elements
        type: leb128
        if: opcode.value == 8
  simd_instruction:
    seq:
      - id: opcode
        type: leb128
      - id: value
        size: 16
enums:
  section_id:
    0: custom
    1: type
    2: import
    3: function
    4: table
    5: memory
    6: global
    7: export
    8: start
    9: element
    10: code
    11: data
    12: data_count
    13: tag
  name_subsection_id:
    0: module
    1: function
    2: local
    3: label
    4: type
    5: table
    6: memory
    7: global
    8: element
    9: data
    10: field
    11: tag
  feature_prefix:
    0x2b: used
    0x2d: disallowed
    0x3d: required
  linking_type:
    5: segment_info
    6: init_funcs
    7: comdat_info
    8: symbol_table
  relocation_type:
    0: function_index_leb
    1: table_index_sleb
    2: table_index_i32
    3: memory_addr_leb
    4: memory_addr_sleb
    5: memory_addr_i32
    6: type_index_leb
    7: global_index_leb
    8: function_offset_i32
    9: section_offset_i32
    10: event_index_leb
    11: memory_addr_rel_sleb
    12: table_index_rel_sleb
    13: global_index_i32
    14: memory_addr_leb64
    15: memory_addr_sleb64
    16: memory_addr_i64
    17: memory_addr_rel_sleb64
    18: table_index_sleb64
    19: table_index_i64
    20: table_number_leb
    21: memory_addr_tls_sleb
    22: function_offset_i64
    23: memory_addr_locrel_i32
    24: table_index_rel_sleb64
    25: memory_addr_tls_sleb64
    26: function_index_i32
  type_form:
    0x4e: rec
    0x4f: sub_final
    0x50: sub
    0x5e: array
    0x5f: struct
    0x60: func
  value_kind:
    0x63: ref_null
    0x64: ref
    0x69: exnref
    0x6a: arrayref
    0x6b: structref
    0x6c: i31ref
    0x6d: eqref
    0x6e: anyref
    0x6f: externref
    0x70: funcref
    0x71: nullref
    0x72: nullexternref
    0x73: nullfuncref
    0x74: nullexnref
    0x77: i16
    0x78: i8
    0x7b: v128
    0x7c: f64
    0x7d: f32
    0x7e: i64
    0x7f: i32
  mutability:
    0: constant
    1: variable
  external_kind:
    0: function
    1: table
    2: memory
    3: global
    4: tag
  opcode:
    0x0b: end
    0x23: global_get
    0x41: i32_const
    0x42: i64_const
    0x43: f32_const
    0x44: f64_const
    0x6a: i32_add
    0x6b: i32_sub
    0x6c: i32_mul
    0x7c: i64_add
    0x7d: i64_sub
    0x7e: i64_mul
    0xd0: ref_null
    0xd2: ref_func
    0xfb: gc
    0xfd: simd
