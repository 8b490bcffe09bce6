meta:
  id: arrow
  title: Arrow IPC file (Feather 2)
  application: Apache Arrow, pandas, Polars
  file-extension: [arrow, feather, ipc]
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
doc: |
  Record batches, with their places in a footer at the end. The footer and the header of each batch
  are FlatBuffers: tables whose fields are found by a vtable.
doc-ref:
  - https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
  - https://flatbuffers.dev/internals/
seq:
  - id: magic
    contents: ARROW1
  - id: padding
    size: 2
instances:
  end:
    pos: _io.size - 10
    type: end
  footer:
    pos: _io.size - 10 - end.len_footer
    size: end.len_footer
    type: footer
  dictionaries:
    value: footer.table.dictionaries
  record_batches:
    value: footer.table.record_batches
types:
  end:
    -webide-representation: '{len_footer:dec} bytes of footer'
    seq:
      - id: len_footer
        type: s4
        valid: { min: 4 }
      - id: magic
        contents: ARROW1
  footer:
    -webide-representation: '{table}'
    seq:
      - id: ofs_table
        type: u4
    instances:
      table:
        pos: ofs_table
        type: footer_table(ofs_table)
  vtable:
    doc: Where the fields of a table are, from its start. 0 if a field has its default.
    seq:
      - id: len_vtable
        type: u2
        valid: { min: 4 }
      - id: len_table
        type: u2
      - id: slots
        type: u2
        repeat: expr
        repeat-expr: (len_vtable - 4) / 2
    instances:
      num_slots:
        value: (len_vtable - 4) / 2
      slot_0:
        value: 'num_slots > 0 ? slots[0] : 0'
      slot_1:
        value: 'num_slots > 1 ? slots[1] : 0'
      slot_2:
        value: 'num_slots > 2 ? slots[2] : 0'
      slot_3:
        value: 'num_slots > 3 ? slots[3] : 0'
      slot_4:
        value: 'num_slots > 4 ? slots[4] : 0'
      slot_5:
        value: 'num_slots > 5 ? slots[5] : 0'
      slot_6:
        value: 'num_slots > 6 ? slots[6] : 0'
  text:
    doc: Length, UTF-8, zero. The place is that of the offset to it.
    -webide-representation: '{text}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_text
        type: u4
    instances:
      len_text:
        pos: start + ofs_text
        type: u4
      text:
        pos: start + ofs_text + 4
        type: str
        size: len_text
  footer_table:
    -webide-representation: '{version}, {record_batches.num_blocks:dec} record batches'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      version:
        pos: start + vtable.slot_0
        type: u2
        enum: metadata_version
        if: vtable.slot_0 != 0
      schema:
        pos: start + vtable.slot_1
        type: schema_offset(start + vtable.slot_1)
        if: vtable.slot_1 != 0
      dictionaries:
        pos: start + vtable.slot_2
        type: blocks(start + vtable.slot_2)
        if: vtable.slot_2 != 0
      record_batches:
        pos: start + vtable.slot_3
        type: blocks(start + vtable.slot_3)
        if: vtable.slot_3 != 0
      custom_metadata:
        pos: start + vtable.slot_4
        type: key_values(start + vtable.slot_4)
        if: vtable.slot_4 != 0
  blocks:
    -webide-representation: '{num_blocks:dec} blocks'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_blocks
        type: u4
    instances:
      num_blocks:
        pos: start + ofs_blocks
        type: u4
      blocks:
        pos: start + ofs_blocks + 4
        type: block
        repeat: expr
        repeat-expr: num_blocks
  block:
    -webide-representation: '{len_body:dec} bytes at {ofs_message:hex}'
    seq:
      - id: ofs_message
        type: s8
      - id: len_metadata
        -orig-id: metaDataLength
        type: s4
      - id: padding
        size: 4
      - id: len_body
        -orig-id: bodyLength
        type: s8
    instances:
      message:
        io: _root._io
        pos: ofs_message
        size: len_metadata
        type: encapsulated_message
      body:
        doc: The buffers of the columns.
        io: _root._io
        pos: ofs_message + len_metadata
        size: len_body
        type: body(message.message)
  encapsulated_message:
    -webide-representation: '{message}'
    seq:
      - id: continuation
        doc: Absent before version 0.15.
        contents: [0xff, 0xff, 0xff, 0xff]
        if: first_word == 0xffffffff
      - id: len_message
        type: s4
      - id: ofs_table
        type: u4
    instances:
      first_word:
        pos: 0
        type: u4
      base:
        value: 'first_word == 0xffffffff ? 8 : 4'
      message:
        pos: base + ofs_table
        type: message_table(base + ofs_table)
  message_table:
    -webide-representation: '{header_type} {header}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      version:
        pos: start + vtable.slot_0
        type: u2
        enum: metadata_version
        if: vtable.slot_0 != 0
      header_type:
        pos: start + vtable.slot_1
        type: u1
        enum: header_type
        if: vtable.slot_1 != 0
      ofs_header:
        pos: start + vtable.slot_2
        type: u4
        if: vtable.slot_2 != 0
      header:
        pos: start + vtable.slot_2 + ofs_header
        type:
          switch-on: header_type
          cases:
            'header_type::schema': schema(start + vtable.slot_2 + ofs_header)
            'header_type::dictionary_batch': dictionary_batch(start + vtable.slot_2 + ofs_header)
            'header_type::record_batch': record_batch(start + vtable.slot_2 + ofs_header)
        if: vtable.slot_1 != 0 and vtable.slot_2 != 0
      len_body:
        pos: start + vtable.slot_3
        type: s8
        if: vtable.slot_3 != 0
      batch:
        doc: The record batch, also of a dictionary.
        value: |
          header_type == header_type::record_batch ? header.as<record_batch>
            : header.as<dictionary_batch>.data
        if: |
          vtable.slot_1 != 0 ? header_type == header_type::record_batch
            or header_type == header_type::dictionary_batch : false
  dictionary_batch:
    -webide-representation: '{id}: {data}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      id:
        pos: start + vtable.slot_0
        type: s8
        if: vtable.slot_0 != 0
      ofs_data:
        pos: start + vtable.slot_1
        type: u4
      data:
        pos: start + vtable.slot_1 + ofs_data
        type: record_batch(start + vtable.slot_1 + ofs_data)
      is_delta:
        pos: start + vtable.slot_2
        type: u1
        if: vtable.slot_2 != 0
  record_batch:
    -webide-representation: '{num_rows:dec} rows'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      num_rows:
        -orig-id: length
        pos: start + vtable.slot_0
        type: s8
        if: vtable.slot_0 != 0
      ofs_nodes:
        pos: start + vtable.slot_1
        type: u4
        if: vtable.slot_1 != 0
      num_nodes:
        pos: start + vtable.slot_1 + ofs_nodes
        type: u4
        if: vtable.slot_1 != 0
      nodes:
        doc: One per column, children after their parent.
        pos: start + vtable.slot_1 + ofs_nodes + 4
        type: node
        repeat: expr
        repeat-expr: num_nodes
        if: vtable.slot_1 != 0
      ofs_buffers:
        pos: start + vtable.slot_2
        type: u4
        if: vtable.slot_2 != 0
      num_buffers:
        pos: start + vtable.slot_2 + ofs_buffers
        type: u4
        if: vtable.slot_2 != 0
      buffers:
        pos: start + vtable.slot_2 + ofs_buffers + 4
        type: buffer
        repeat: expr
        repeat-expr: num_buffers
        if: vtable.slot_2 != 0
      ofs_compression:
        pos: start + vtable.slot_3
        type: u4
        if: vtable.slot_3 != 0
      compression:
        pos: start + vtable.slot_3 + ofs_compression
        type: compression(start + vtable.slot_3 + ofs_compression)
        if: vtable.slot_3 != 0
  compression:
    -webide-representation: '{codec}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      codec_field:
        pos: start + vtable.slot_0
        type: u1
        if: vtable.slot_0 != 0
      codec:
        value: 'vtable.slot_0 != 0 ? codec_field : 0'
        enum: codec
  node:
    -webide-representation: '{num_rows:dec} rows, {num_nulls:dec} null'
    seq:
      - id: num_rows
        type: s8
      - id: num_nulls
        type: s8
  buffer:
    -webide-representation: '{len_body:dec} bytes at {ofs_body:hex}'
    seq:
      - id: ofs_body
        doc: From the start of the body.
        type: s8
      - id: len_body
        type: s8
  body:
    params:
      - id: message
        type: message_table
    instances:
      buffers:
        pos: 0
        type: body_buffer(message.batch.buffers[_index])
        repeat: expr
        repeat-expr: message.batch.num_buffers
        if: |
          message.vtable.slot_1 != 0
            ? message.header_type != header_type::schema and message.batch.vtable.slot_2 != 0 : false
  body_buffer:
    -webide-representation: '{buffer}'
    params:
      - id: buffer
        type: buffer
    instances:
      data:
        pos: buffer.ofs_body
        size: buffer.len_body
  schema_offset:
    -webide-representation: '{schema}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_schema
        type: u4
    instances:
      schema:
        pos: start + ofs_schema
        type: schema(start + ofs_schema)
  schema:
    -webide-representation: '{fields}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      endianness_field:
        pos: start + vtable.slot_0
        type: u2
        if: vtable.slot_0 != 0
      endianness:
        value: 'vtable.slot_0 != 0 ? endianness_field : 0'
        enum: endianness
      fields:
        pos: start + vtable.slot_1
        type: fields(start + vtable.slot_1)
        if: vtable.slot_1 != 0
      custom_metadata:
        pos: start + vtable.slot_2
        type: key_values(start + vtable.slot_2)
        if: vtable.slot_2 != 0
  fields:
    -webide-representation: '{num_fields:dec} fields'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_fields
        type: u4
    instances:
      num_fields:
        pos: start + ofs_fields
        type: u4
      fields:
        pos: start + ofs_fields + 4
        type: field_offset(start + ofs_fields + 4 + 4 * _index)
        repeat: expr
        repeat-expr: num_fields
  field_offset:
    -webide-representation: '{field}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_field
        type: u4
    instances:
      field:
        pos: start + ofs_field
        type: field(start + ofs_field)
  field:
    -webide-representation: '{name}: {type}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      name:
        pos: start + vtable.slot_0
        type: text(start + vtable.slot_0)
        if: vtable.slot_0 != 0
      is_nullable_field:
        pos: start + vtable.slot_1
        type: u1
        if: vtable.slot_1 != 0
      is_nullable:
        value: 'vtable.slot_1 != 0 ? is_nullable_field != 0 : false'
      type:
        pos: start + vtable.slot_2
        type: u1
        enum: field_type
        if: vtable.slot_2 != 0
      ofs_type:
        pos: start + vtable.slot_3
        type: u4
        if: vtable.slot_3 != 0
      type_details:
        pos: start + vtable.slot_3 + ofs_type
        type:
          switch-on: type
          cases:
            'field_type::int': int_type(start + vtable.slot_3 + ofs_type)
            'field_type::floating_point': unit_type(start + vtable.slot_3 + ofs_type, 0, 0)
            'field_type::date': unit_type(start + vtable.slot_3 + ofs_type, 16, 1)
            'field_type::time': unit_type(start + vtable.slot_3 + ofs_type, 32, 1)
            'field_type::timestamp': unit_type(start + vtable.slot_3 + ofs_type, 32, 0)
            'field_type::duration': unit_type(start + vtable.slot_3 + ofs_type, 32, 1)
            'field_type::fixed_size_binary': size_type(start + vtable.slot_3 + ofs_type)
            'field_type::fixed_size_list': size_type(start + vtable.slot_3 + ofs_type)
            _: other_type(start + vtable.slot_3 + ofs_type)
        if: vtable.slot_2 != 0 and vtable.slot_3 != 0
      ofs_dictionary:
        pos: start + vtable.slot_4
        type: u4
        if: vtable.slot_4 != 0
      dictionary:
        pos: start + vtable.slot_4 + ofs_dictionary
        type: dictionary_encoding(start + vtable.slot_4 + ofs_dictionary)
        if: vtable.slot_4 != 0
      children:
        pos: start + vtable.slot_5
        type: fields(start + vtable.slot_5)
        if: vtable.slot_5 != 0
      custom_metadata:
        pos: start + vtable.slot_6
        type: key_values(start + vtable.slot_6)
        if: vtable.slot_6 != 0
  other_type:
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
  int_type:
    -webide-representation: '{num_bits:dec} bits, signed {is_signed}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      num_bits:
        -orig-id: bitWidth
        pos: start + vtable.slot_0
        type: s4
        if: vtable.slot_0 != 0
      is_signed_field:
        pos: start + vtable.slot_1
        type: u1
        if: vtable.slot_1 != 0
      is_signed:
        value: 'vtable.slot_1 != 0 ? is_signed_field != 0 : false'
  unit_type:
    -webide-representation: '{unit}'
    params:
      - id: start
        type: u4
      - id: kind
        doc: What a unit is added to, to be a value of the enum.
        type: u1
      - id: absent
        doc: The unit if there is none.
        type: u1
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      unit_field:
        pos: start + vtable.slot_0
        type: u2
        if: vtable.slot_0 != 0
      unit:
        value: |
          kind + (vtable.slot_0 != 0 ? unit_field : absent)
        enum: unit
  size_type:
    -webide-representation: '{num_items:dec}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      num_items:
        doc: Bytes or elements of each value.
        pos: start + vtable.slot_0
        type: s4
        if: vtable.slot_0 != 0
  dictionary_encoding:
    -webide-representation: '{id:dec}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      id_field:
        pos: start + vtable.slot_0
        type: s8
        if: vtable.slot_0 != 0
      id:
        value: 'vtable.slot_0 != 0 ? id_field : 0'
      ofs_index_type:
        pos: start + vtable.slot_1
        type: u4
        if: vtable.slot_1 != 0
      index_type:
        pos: start + vtable.slot_1 + ofs_index_type
        type: int_type(start + vtable.slot_1 + ofs_index_type)
        if: vtable.slot_1 != 0
      is_ordered:
        pos: start + vtable.slot_2
        type: u1
        if: vtable.slot_2 != 0
  key_values:
    -webide-representation: '{num_items:dec} keys'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_items
        type: u4
    instances:
      num_items:
        pos: start + ofs_items
        type: u4
      items:
        pos: start + ofs_items + 4
        type: key_value_offset(start + ofs_items + 4 + 4 * _index)
        repeat: expr
        repeat-expr: num_items
  key_value_offset:
    -webide-representation: '{item}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_item
        type: u4
    instances:
      item:
        pos: start + ofs_item
        type: key_value(start + ofs_item)
  key_value:
    -webide-representation: '{key}: {value}'
    params:
      - id: start
        type: u4
    seq:
      - id: ofs_vtable
        type: s4
    instances:
      vtable:
        pos: start - ofs_vtable
        type: vtable
      key:
        pos: start + vtable.slot_0
        type: text(start + vtable.slot_0)
        if: vtable.slot_0 != 0
      value:
        pos: start + vtable.slot_1
        type: text(start + vtable.slot_1)
        if: vtable.slot_1 != 0
enums:
  metadata_version:
    0: v1
    1: v2
    2: v3
    3: v4
    4: v5
  header_type:
    0: none
    1: schema
    2: dictionary_batch
    3: record_batch
    4: tensor
    5: sparse_tensor
  endianness:
    0: little
    1: big
  codec:
    0: lz4_frame
    1: zstd
  field_type:
    0: none
    1: nothing
    2: int
    3: floating_point
    4: binary
    5: utf8
    6: bool
    7: decimal
    8: date
    9: time
    10: timestamp
    11: interval
    12: list
    13: struct
    14: union
    15: fixed_size_binary
    16: fixed_size_list
    17: map
    18: duration
    19: large_binary
    20: large_utf8
    21: large_list
    22: run_end_encoded
    23: binary_view
    24: utf8_view
    25: list_view
    26: large_list_view
  unit:
    0: half
    1: single
    2: double
    16: day
    17: millisecond_of_date
    32: second
    33: millisecond
    34: microsecond
    35: nanosecond
