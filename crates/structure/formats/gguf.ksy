meta:
  id: gguf
  title: GGUF model
  application: ggml, llama.cpp
  file-extension: gguf
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
doc: Metadata and tensors of a model. Version 1 and big-endian files are not read.
doc-ref: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
seq:
  - id: magic
    contents: GGUF
  - id: version
    type: u4
    valid: { any-of: [2, 3] }
  - id: num_tensors
    type: u8
  - id: num_metadata
    type: u8
  - id: metadata
    type: key_value
    repeat: expr
    repeat-expr: num_metadata
  - id: tensors
    type: tensor
    repeat: expr
    repeat-expr: num_tensors
instances:
  alignment:
    value: alignment_search.value
  ofs_data:
    doc: Offsets of tensors count from here.
    value: (_io.pos + alignment - 1) / alignment * alignment
  alignment_search:
    pos: 0
    type: alignment_search
types:
  alignment_search:
    doc: Finds `general.alignment` in the metadata.
    -webide-representation: '{value:dec}'
    instances:
      probes:
        doc: Tests each entry. Takes no bytes.
        type: key_probe(_index)
        repeat: until
        repeat-until: _.is_here or _.index + 1 == _root.num_metadata
        if: _root.num_metadata != 0
      is_found:
        value: '_root.num_metadata != 0 ? probes.last.is_here : false'
      found:
        value: probes.last.entry.value.as<u4>
        if: is_found
      value:
        value: 'is_found ? found != 0 ? found : 32 : 32'
  key_probe:
    params:
      - id: index
        type: u8
    instances:
      entry:
        value: _root.metadata[index]
      is_here:
        value: entry.key.text == "general.alignment" and entry.type == value_type::uint32
  text:
    -webide-representation: '{text}'
    seq:
      - id: len_text
        type: u8
      - id: text
        type: str
        size: len_text
  key_value:
    -webide-representation: '{key.text}: {value}'
    seq:
      - id: key
        type: text
      - id: type
        type: u4
        enum: value_type
      - id: value
        type:
          switch-on: type
          cases:
            'value_type::uint8': u1
            'value_type::int8': s1
            'value_type::uint16': u2
            'value_type::int16': s2
            'value_type::uint32': u4
            'value_type::int32': s4
            'value_type::float32': f4
            'value_type::bool': u1
            'value_type::string': text
            'value_type::array': array
            'value_type::uint64': u8
            'value_type::int64': s8
            'value_type::float64': f8
            _: unknown_value
  unknown_value:
    doc: Its length is not known, so that nothing after it can be read.
    seq:
      - id: nothing
        size: 0
        valid:
          expr: false
  array:
    -webide-representation: '{num_values} of {type}'
    seq:
      - id: type
        type: u4
        enum: value_type
      - id: num_values
        type: u8
      - id: bytes
        doc: Elements of uint8 or bool.
        type: u1
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::uint8 or type == value_type::bool
      - id: signed_bytes
        type: s1
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::int8
      - id: words
        type: u2
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::uint16
      - id: signed_words
        type: s2
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::int16
      - id: numbers
        type: u4
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::uint32
      - id: signed_numbers
        type: s4
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::int32
      - id: long_numbers
        type: u8
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::uint64
      - id: signed_long_numbers
        type: s8
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::int64
      - id: floats
        type: f4
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::float32
      - id: long_floats
        type: f8
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::float64
      - id: strings
        type: text
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::string
      - id: arrays
        type: array
        repeat: expr
        repeat-expr: num_values
        if: type == value_type::array
  tensor:
    -webide-representation: '{name.text} {type} {num_values:dec} values at {ofs_body:hex}'
    seq:
      - id: name
        type: text
      - id: num_dimensions
        type: u4
        valid: { max: 4 }
      - id: dimensions
        doc: The length of a row is first.
        type: u8
        repeat: expr
        repeat-expr: num_dimensions
      - id: type
        type: u4
        enum: tensor_type
      - id: ofs_body
        doc: From the start of the data.
        type: u8
    instances:
      num_values:
        value: |
          (num_dimensions > 0 ? dimensions[0] : 1) * (num_dimensions > 1 ? dimensions[1] : 1)
            * (num_dimensions > 2 ? dimensions[2] : 1) * (num_dimensions > 3 ? dimensions[3] : 1)
      num_block_values:
        doc: Values that are packed together.
        value: |
          type.to_i < 2 or (type.to_i >= 24 and type.to_i <= 28) or type == tensor_type::bf16 ? 1
            : type.to_i <= 9 or type == tensor_type::iq4_nl or type == tensor_type::mxfp4 ? 32
            : type == tensor_type::nvfp4 ? 64 : type == tensor_type::q1_0 ? 128 : 256
      len_block:
        doc: Bytes of a block, or 0 if the type is not known.
        value: |
          type == tensor_type::f32 ? 4 : type == tensor_type::f16 ? 2
            : type == tensor_type::q4_0 ? 18 : type == tensor_type::q4_1 ? 20
            : type == tensor_type::q5_0 ? 22 : type == tensor_type::q5_1 ? 24
            : type == tensor_type::q8_0 ? 34 : type == tensor_type::q8_1 ? 40
            : type == tensor_type::q2_k ? 84 : type == tensor_type::q3_k ? 110
            : type == tensor_type::q4_k ? 144 : type == tensor_type::q5_k ? 176
            : type == tensor_type::q6_k ? 210 : type == tensor_type::q8_k ? 292
            : type == tensor_type::iq2_xxs ? 66 : type == tensor_type::iq2_xs ? 74
            : type == tensor_type::iq3_xxs ? 98 : type == tensor_type::iq1_s ? 50
            : type == tensor_type::iq4_nl ? 18 : type == tensor_type::iq3_s ? 110
            : type == tensor_type::iq2_s ? 82 : type == tensor_type::iq4_xs ? 136
            : type == tensor_type::i8 ? 1 : type == tensor_type::i16 ? 2
            : type == tensor_type::i32 ? 4 : type == tensor_type::i64 ? 8
            : type == tensor_type::f64 ? 8 : type == tensor_type::iq1_m ? 56
            : type == tensor_type::bf16 ? 2 : type == tensor_type::tq1_0 ? 54
            : type == tensor_type::tq2_0 ? 66 : type == tensor_type::mxfp4 ? 17
            : type == tensor_type::nvfp4 ? 36 : type == tensor_type::q1_0 ? 18 : 0
      len_body:
        value: num_values / num_block_values * len_block
        if: len_block != 0
      body:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        size: len_body
        if: len_block != 0
      floats:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        type: f4
        repeat: expr
        repeat-expr: num_values
        if: type == tensor_type::f32
      long_floats:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        type: f8
        repeat: expr
        repeat-expr: num_values
        if: type == tensor_type::f64
      signed_bytes:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        type: s1
        repeat: expr
        repeat-expr: num_values
        if: type == tensor_type::i8
      signed_words:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        type: s2
        repeat: expr
        repeat-expr: num_values
        if: type == tensor_type::i16
      signed_numbers:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        type: s4
        repeat: expr
        repeat-expr: num_values
        if: type == tensor_type::i32
      signed_long_numbers:
        io: _root._io
        pos: _root.ofs_data + ofs_body
        type: s8
        repeat: expr
        repeat-expr: num_values
        if: type == tensor_type::i64
enums:
  value_type:
    0: uint8
    1: int8
    2: uint16
    3: int16
    4: uint32
    5: int32
    6: float32
    7: bool
    8: string
    9: array
    10: uint64
    11: int64
    12: float64
  tensor_type:
    0: f32
    1: f16
    2: q4_0
    3: q4_1
    6: q5_0
    7: q5_1
    8: q8_0
    9: q8_1
    10: q2_k
    11: q3_k
    12: q4_k
    13: q5_k
    14: q6_k
    15: q8_k
    16: iq2_xxs
    17: iq2_xs
    18: iq3_xxs
    19: iq1_s
    20: iq4_nl
    21: iq3_s
    22: iq2_s
    23: iq4_xs
    24: i8
    25: i16
    26: i32
    27: i64
    28: f64
    29: iq1_m
    30: bf16
    34: tq1_0
    35: tq2_0
    39: mxfp4
    40: nvfp4
    41: q1_0
