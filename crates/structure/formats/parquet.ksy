# The metadata is a struct in the compact protocol of Thrift, whose fields have numbers and no names.
# Kinds of structs say which names the numbers stand for; a field is `kind * 100 + number`.
meta:
  id: parquet
  title: Apache Parquet
  application: Apache Arrow, Spark, DuckDB, pandas
  file-extension: [parquet, parq, pq]
  license: MIT OR Apache-2.0
  imports:
    - common/vlq_base128_le
  endian: le
  bit-endian: be
  encoding: UTF-8
doc: |
  A table as groups of rows, of which each has a chunk per column. The metadata at the end says where
  they are. Files with an encrypted footer are not read.
doc-ref:
  - https://github.com/apache/parquet-format
  - https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
seq:
  - id: magic
    contents: PAR1
instances:
  end:
    pos: _io.size - 8
    type: end
  metadata:
    pos: _io.size - 8 - end.len_metadata
    size: end.len_metadata
    type: struct(struct_kind::file_meta_data.to_i)
types:
  end:
    -webide-representation: '{len_metadata:dec} bytes of metadata'
    seq:
      - id: len_metadata
        type: u4
      - id: magic
        contents: PAR1
  integer:
    doc: A number whose sign is its lowest bit (zigzag).
    -webide-representation: '{value:dec}'
    seq:
      - id: raw
        type: vlq_base128_le
    instances:
      value:
        value: 'raw.value & 1 == 0 ? raw.value / 2 : -(raw.value / 2) - 1'
  binary:
    -webide-representation: '{text}'
    seq:
      - id: len_text
        type: vlq_base128_le
      - id: text
        doc: Text or bytes.
        type: str
        size: len_text.value
  struct:
    -webide-representation: '{name}{column_name}{key}{num_rows}{compressed_page_size}'
    params:
      - id: kind_number
        type: u1
    seq:
      - id: fields
        type: field(kind_number, _index)
        repeat: until
        repeat-until: _.is_stop
    instances:
      kind:
        value: kind_number
        enum: struct_kind
      version:
        type: find(1)
        if: kind == struct_kind::file_meta_data
      schema:
        type: find(2)
        if: kind == struct_kind::file_meta_data
      num_rows:
        type: find(3)
        if: kind == struct_kind::file_meta_data or kind == struct_kind::row_group
      row_groups:
        type: find(4)
        if: kind == struct_kind::file_meta_data
      key_value_metadata:
        type: find(5)
        if: kind == struct_kind::file_meta_data
      created_by:
        type: find(6)
        if: kind == struct_kind::file_meta_data
      name:
        type: find(4)
        if: kind == struct_kind::schema_element
      key:
        type: find(1)
        if: kind == struct_kind::key_value
      columns:
        type: find(1)
        if: kind == struct_kind::row_group
      column_metadata:
        type: find(3)
        if: kind == struct_kind::column_chunk
      offset_index_offset:
        type: find(4)
        if: kind == struct_kind::column_chunk
      offset_index_length:
        type: find(5)
        if: kind == struct_kind::column_chunk
      column_index_offset:
        type: find(6)
        if: kind == struct_kind::column_chunk
      column_index_length:
        type: find(7)
        if: kind == struct_kind::column_chunk
      offset_index:
        io: _root._io
        pos: offset_index_offset.integer
        size: offset_index_length.integer
        type: struct(struct_kind::offset_index.to_i)
        if: |
          kind == struct_kind::column_chunk
            ? offset_index_offset.is_found and offset_index_length.is_found : false
      column_index:
        io: _root._io
        pos: column_index_offset.integer
        size: column_index_length.integer
        type: struct(struct_kind::column_index.to_i)
        if: |
          kind == struct_kind::column_chunk
            ? column_index_offset.is_found and column_index_length.is_found : false
      path_in_schema:
        type: find(3)
        if: kind == struct_kind::column_meta_data
      column_name:
        doc: The last part of the path.
        value: |
          kind == struct_kind::column_meta_data ? path_in_schema.items.last.as<binary>.text
            : column_metadata.struct.column_name
        if: |
          kind == struct_kind::column_meta_data ? path_in_schema.is_found
            : kind == struct_kind::column_chunk ? column_metadata.is_found : false
      total_compressed_size:
        type: find(7)
        if: kind == struct_kind::column_meta_data
      data_page_offset:
        type: find(9)
        if: kind == struct_kind::column_meta_data
      dictionary_page_offset:
        type: find(11)
        if: kind == struct_kind::column_meta_data
      ofs_chunk:
        doc: The dictionary comes first if there is one.
        value: |
          not dictionary_page_offset.is_found ? data_page_offset.integer
            : dictionary_page_offset.integer > 0 and dictionary_page_offset.integer < data_page_offset.integer
            ? dictionary_page_offset.integer : data_page_offset.integer
        if: kind == struct_kind::column_meta_data
      chunk:
        io: _root._io
        pos: ofs_chunk
        size: total_compressed_size.integer
        type: column_data
        if: kind == struct_kind::column_meta_data
      compressed_page_size:
        type: find(3)
        if: kind == struct_kind::page_header
  find:
    doc: The field of a number, if the struct has it.
    -webide-representation: '{field.value}'
    params:
      - id: number
        type: u1
    instances:
      probes:
        doc: Tests each field. Takes no bytes.
        type: field_probe(_index, number)
        repeat: until
        repeat-until: _.is_here or _.field.is_stop
      is_found:
        value: probes.last.is_here
      field:
        value: probes.last.field
        if: is_found
      integer:
        value: field.value.as<integer>.value
        if: 'is_found ? field.is_integer : false'
      text:
        value: field.value.as<binary>.text
        if: 'is_found ? field.type == field_type::binary : false'
      items:
        value: field.value.as<list>.items
        if: 'is_found ? field.type == field_type::list : false'
      structs:
        value: field.value.as<list>.structs
        if: 'is_found ? field.is_list_of_structs : false'
      struct:
        value: field.value.as<struct>
        if: 'is_found ? field.type == field_type::struct : false'
  field_probe:
    params:
      - id: index
        type: u4
      - id: number
        type: u1
    instances:
      field:
        value: _parent._parent.fields[index]
      is_here:
        value: not field.is_stop and field.number == number
  field:
    -webide-representation: '{label} {value} {physical_type}{repetition}{converted_type}{codec}{page_type}{encoding}'
    params:
      - id: kind
        type: u1
      - id: index
        type: u4
    seq:
      - id: number_delta
        doc: What is added to the number of the field before, or 0.
        type: b4
      - id: type
        type: b4
        enum: field_type
      - id: number_field
        type: integer
        if: number_delta == 0 and type != field_type::stop
      - id: value
        type:
          switch-on: type
          cases:
            'field_type::byte': s1
            'field_type::i16': integer
            'field_type::i32': integer
            'field_type::i64': integer
            'field_type::double': f8
            'field_type::binary': binary
            'field_type::list': list(child_kind)
            'field_type::set': list(child_kind)
            'field_type::map': map
            'field_type::struct': struct(child_kind)
            'field_type::uuid': uuid
            _: unknown_value
        if: type != field_type::stop and type != field_type::is_true and type != field_type::is_false
    instances:
      is_stop:
        value: type == field_type::stop
      is_integer:
        value: type == field_type::i16 or type == field_type::i32 or type == field_type::i64
      is_list_of_structs:
        value: 'type == field_type::list ? value.as<list>.type == field_type::struct : false'
      number:
        value: |
          is_stop ? 0 : number_delta == 0 ? number_field.value
            : index == 0 ? number_delta : _parent.fields[index - 1].number + number_delta
      label:
        value: 'is_stop ? 0 : kind * 100 + number'
        enum: field
      child_kind:
        doc: The kind of structs in the value, or 0 if their fields have no names here.
        value: |
          label == field::schema ? 2
            : label == field::row_groups ? 3
            : label == field::key_value_metadata
            or label == field::column_meta_data_key_value_metadata ? 4
            : label == field::column_orders ? 5
            : label == field::logical_type ? 6
            : label == field::columns ? 7
            : label == field::sorting_columns ? 8
            : label == field::decimal ? 15
            : label == field::time
            or label == field::timestamp ? 16
            : label == field::integer ? 18
            : label == field::meta_data ? 9
            : label == field::column_meta_data_statistics
            or label == field::data_page_header_statistics
            or label == field::data_page_header_v2_statistics ? 10
            : label == field::encoding_stats ? 11
            : label == field::size_statistics ? 12
            : label == field::data_page_header ? 14
            : label == field::dictionary_page_header ? 19
            : label == field::data_page_header_v2 ? 20
            : label == field::unit ? 17
            : label == field::page_locations ? 22
            : 0
      physical_type:
        value: value.as<integer>.value
        enum: physical_type
        if: (label == field::schema_element_type or label == field::column_meta_data_type) and is_integer
      repetition:
        value: value.as<integer>.value
        enum: repetition
        if: label == field::repetition_type and is_integer
      converted_type:
        value: value.as<integer>.value
        enum: converted_type
        if: label == field::converted_type and is_integer
      codec:
        value: value.as<integer>.value
        enum: codec
        if: label == field::codec and is_integer
      page_type:
        value: value.as<integer>.value
        enum: page_type
        if: (label == field::page_header_type or label == field::page_type) and is_integer
      encoding:
        value: value.as<integer>.value
        enum: encoding
        if: |
          (label == field::page_encoding_stats_encoding or label == field::data_page_header_encoding
            or label == field::definition_level_encoding or label == field::repetition_level_encoding
            or label == field::dictionary_page_header_encoding
            or label == field::data_page_header_v2_encoding) and is_integer
  unknown_value:
    doc: Its length is not known, so that nothing after it can be read.
    seq:
      - id: nothing
        size: 0
        valid:
          expr: false
  uuid:
    seq:
      - id: value
        size: 16
        -lazyhex-as: uuid
  list:
    -webide-representation: '{num_items:dec} of {type}'
    params:
      - id: kind
        type: u1
    seq:
      - id: num_items_short
        doc: 15 if another number follows.
        type: b4
      - id: type
        type: b4
        enum: field_type
      - id: num_items_long
        type: vlq_base128_le
        if: num_items_short == 15
      - id: structs
        type: struct(kind)
        repeat: expr
        repeat-expr: num_items
        if: type == field_type::struct
      - id: items
        type:
          switch-on: type
          cases:
            'field_type::is_true': u1
            'field_type::is_false': u1
            'field_type::byte': s1
            'field_type::i16': integer
            'field_type::i32': integer
            'field_type::i64': integer
            'field_type::double': f8
            'field_type::binary': binary
            'field_type::list': list(0)
            'field_type::set': list(0)
            'field_type::map': map
            'field_type::uuid': uuid
            _: unknown_value
        repeat: expr
        repeat-expr: num_items
        if: type != field_type::struct
    instances:
      num_items:
        value: 'num_items_short == 15 ? num_items_long.value : num_items_short'
  map:
    seq:
      - id: num_pairs
        type: vlq_base128_le
      - id: types
        type: u1
        if: num_pairs.value != 0
      - id: pairs
        type: pair(types >> 4, types & 15)
        repeat: expr
        repeat-expr: num_pairs.value
        if: num_pairs.value != 0
  pair:
    -webide-representation: '{key}: {value}'
    params:
      - id: key_type
        type: u1
      - id: value_type
        type: u1
    seq:
      - id: key
        type: map_item(key_type)
      - id: value
        type: map_item(value_type)
  map_item:
    -webide-representation: '{value}'
    params:
      - id: type_number
        type: u1
    seq:
      - id: value
        type:
          switch-on: type_number
          cases:
            1: u1
            2: u1
            3: s1
            4: integer
            5: integer
            6: integer
            7: f8
            8: binary
            9: list(0)
            10: list(0)
            11: map
            12: struct(0)
            13: uuid
            _: unknown_value
  column_data:
    -webide-representation: '{pages}'
    seq:
      - id: pages
        type: page
        repeat: eos
  page:
    -webide-representation: '{header}'
    seq:
      - id: header
        type: struct(struct_kind::page_header.to_i)
      - id: body
        doc: Levels and values, mostly compressed.
        size: header.compressed_page_size.integer
enums:
  struct_kind:
    0: other
    1: file_meta_data
    2: schema_element
    3: row_group
    4: key_value
    5: column_order
    6: logical_type
    7: column_chunk
    8: sorting_column
    9: column_meta_data
    10: statistics
    11: page_encoding_stats
    12: size_statistics
    13: page_header
    14: data_page_header
    15: decimal_type
    16: time_type
    17: time_unit
    18: int_type
    19: dictionary_page_header
    20: data_page_header_v2
    21: offset_index
    22: page_location
    23: column_index
  field:
    0: stop
    101: version
    102: schema
    103: num_rows
    104: row_groups
    105: key_value_metadata
    106: created_by
    107: column_orders
    108: encryption_algorithm
    109: footer_signing_key_metadata
    201: schema_element_type
    202: type_length
    203: repetition_type
    204: name
    205: num_children
    206: converted_type
    207: schema_element_scale
    208: schema_element_precision
    209: field_id
    210: logical_type
    301: columns
    302: total_byte_size
    303: row_group_num_rows
    304: sorting_columns
    305: row_group_file_offset
    306: row_group_total_compressed_size
    307: ordinal
    401: key
    402: value
    501: type_order
    601: string
    602: map
    603: list
    604: enumeration
    605: decimal
    606: date
    607: time
    608: timestamp
    610: integer
    611: unknown
    612: json
    613: bson
    614: uuid
    615: float16
    616: variant
    617: geometry
    618: geography
    701: file_path
    702: column_chunk_file_offset
    703: meta_data
    704: offset_index_offset
    705: offset_index_length
    706: column_index_offset
    707: column_index_length
    708: crypto_metadata
    709: encrypted_column_metadata
    801: column_index
    802: is_descending
    803: are_nulls_first
    901: column_meta_data_type
    902: encodings
    903: path_in_schema
    904: codec
    905: column_meta_data_num_values
    906: total_uncompressed_size
    907: column_meta_data_total_compressed_size
    908: column_meta_data_key_value_metadata
    909: data_page_offset
    910: index_page_offset
    911: dictionary_page_offset
    912: column_meta_data_statistics
    913: encoding_stats
    914: bloom_filter_offset
    915: bloom_filter_length
    916: size_statistics
    917: geospatial_statistics
    1001: max
    1002: min
    1003: null_count
    1004: distinct_count
    1005: max_value
    1006: min_value
    1007: is_max_value_exact
    1008: is_min_value_exact
    1101: page_type
    1102: page_encoding_stats_encoding
    1103: count
    1201: size_statistics_unencoded_byte_array_data_bytes
    1202: repetition_level_histogram
    1203: definition_level_histogram
    1301: page_header_type
    1302: uncompressed_page_size
    1303: page_header_compressed_page_size
    1304: crc
    1305: data_page_header
    1306: index_page_header
    1307: dictionary_page_header
    1308: data_page_header_v2
    1401: data_page_header_num_values
    1402: data_page_header_encoding
    1403: definition_level_encoding
    1404: repetition_level_encoding
    1405: data_page_header_statistics
    1501: decimal_type_scale
    1502: decimal_type_precision
    1601: is_adjusted_to_utc
    1602: unit
    1701: millis
    1702: micros
    1703: nanos
    1801: bit_width
    1802: is_signed
    1901: dictionary_page_header_num_values
    1902: dictionary_page_header_encoding
    1903: is_sorted
    2001: data_page_header_v2_num_values
    2002: num_nulls
    2003: data_page_header_v2_num_rows
    2004: data_page_header_v2_encoding
    2005: definition_levels_byte_length
    2006: repetition_levels_byte_length
    2007: is_compressed
    2008: data_page_header_v2_statistics
    2101: page_locations
    2102: offset_index_unencoded_byte_array_data_bytes
    2201: offset
    2202: page_location_compressed_page_size
    2203: first_row_index
    2301: null_pages
    2302: min_values
    2303: max_values
    2304: boundary_order
    2305: null_counts
    2306: repetition_level_histograms
    2307: definition_level_histograms
  field_type:
    0: stop
    1: is_true
    2: is_false
    3: byte
    4: i16
    5: i32
    6: i64
    7: double
    8: binary
    9: list
    10: set
    11: map
    12: struct
    13: uuid
  physical_type:
    0: boolean
    1: int32
    2: int64
    3: int96
    4: float
    5: double
    6: byte_array
    7: fixed_len_byte_array
  repetition:
    0: required
    1: optional
    2: repeated
  converted_type:
    0: utf8
    1: map
    2: map_key_value
    3: list
    4: enumeration
    5: decimal
    6: date
    7: time_millis
    8: time_micros
    9: timestamp_millis
    10: timestamp_micros
    11: uint_8
    12: uint_16
    13: uint_32
    14: uint_64
    15: int_8
    16: int_16
    17: int_32
    18: int_64
    19: json
    20: bson
    21: interval
  codec:
    0: uncompressed
    1: snappy
    2: gzip
    3: lzo
    4: brotli
    5: lz4
    6: zstd
    7: lz4_raw
  page_type:
    0: data_page
    1: index_page
    2: dictionary_page
    3: data_page_v2
  encoding:
    0: plain
    2: plain_dictionary
    3: rle
    4: bit_packed
    5: delta_binary_packed
    6: delta_length_byte_array
    7: delta_byte_array
    8: rle_dictionary
    9: byte_stream_split
