meta:
  id: sqlite
  title: SQLite database
  file-extension: [sqlite, sqlite3, db, db3]
  license: MIT OR Apache-2.0
  endian: be
  encoding: UTF-8
doc: Pages of one size. Most are pages of b-trees, of tables or indexes.
doc-ref: https://www.sqlite.org/fileformat2.html
seq:
  - id: header
    type: database_header
    size: 100
instances:
  page_size:
    value: 'header.page_size == 1 ? 65536 : header.page_size'
  usable_size:
    value: page_size - header.len_reserved
    doc: The bytes of a page that SQLite uses itself.
  num_pages:
    value: _io.size / page_size
  lock_byte_page:
    value: 1073741824 / page_size + 1
    doc: The page used for locking, which holds no data.
  pages:
    pos: 0
    size: page_size
    type: page(_index + 1)
    repeat: expr
    repeat-expr: num_pages
    doc: Pages count from 1, this list from 0.
  freelist:
    pos: (header.first_freelist_trunk - 1) * page_size
    size: page_size
    type: freelist_trunk
    if: header.first_freelist_trunk != 0
types:
  database_header:
    seq:
      - id: magic
        contents: ["SQLite format 3", 0]
      - id: page_size
        type: u2
        doc: A power of two from 512, or 1 for 65536.
        valid:
          any-of: [1, 512, 1024, 2048, 4096, 8192, 16384, 32768]
      - id: write_version
        type: u1
        enum: journal_version
      - id: read_version
        type: u1
        enum: journal_version
      - id: len_reserved
        type: u1
        doc: Bytes at the end of each page that extensions use.
      - id: max_payload_fraction
        type: u1
        valid: 64
      - id: min_payload_fraction
        type: u1
        valid: 32
      - id: leaf_payload_fraction
        type: u1
        valid: 32
      - id: file_change_counter
        type: u4
      - id: num_pages
        type: u4
        doc: Valid only if `version_valid_for` equals the change counter.
      - id: first_freelist_trunk
        type: u4
      - id: num_freelist_pages
        type: u4
      - id: schema_cookie
        type: u4
      - id: schema_format
        type: u4
      - id: default_cache_size
        type: u4
      - id: largest_root_page
        type: u4
        doc: Not 0 in an auto-vacuum database, which has pointer maps.
      - id: text_encoding
        type: u4
        enum: text_encoding
      - id: user_version
        type: u4
      - id: is_incremental_vacuum
        type: u4
      - id: application_id
        type: u4
      - id: reserved
        size: 20
      - id: version_valid_for
        type: u4
      - id: sqlite_version_number
        type: u4
        doc: 3046001 is version 3.46.1.
  page:
    -webide-representation: >-
      {page_number:dec} {kind} {b_tree.page_type} {b_tree.num_cells:dec} cells
    params:
      - id: page_number
        type: u4
    seq:
      - id: database_header
        size: 100
        if: page_number == 1
      - id: b_tree
        type: b_tree_page
        if: kind == page_kind::b_tree
      - id: pointer_map
        type: pointer_map_entry
        repeat: expr
        repeat-expr: _root.usable_size / 5
        if: kind == page_kind::pointer_map
      - id: linked
        type: overflow_page
        if: kind == page_kind::overflow_or_freelist
    instances:
      first_byte:
        pos: 'page_number == 1 ? 100 : 0'
        type: u1
      pointer_map_base:
        value: >-
          2 + (page_number < 2 ? 0 : (page_number - 2) / (_root.usable_size / 5 + 1))
          * (_root.usable_size / 5 + 1)
      is_pointer_map:
        value: >-
          _root.header.largest_root_page != 0 and page_number ==
          (pointer_map_base == _root.lock_byte_page ? pointer_map_base + 1 : pointer_map_base)
      kind:
        value: >-
          page_number == _root.lock_byte_page ? 3
          : is_pointer_map ? 1
          : first_byte == 2 or first_byte == 5 or first_byte == 10 or first_byte == 13 ? 0
          : 2
        enum: page_kind
        doc: Only pages of b-trees store their type; unused pages keep their old content.
  b_tree_page:
    seq:
      - id: page_type
        type: u1
        enum: b_tree_page_type
      - id: ofs_first_freeblock
        type: u2
      - id: num_cells
        type: u2
      - id: ofs_cell_content
        type: u2
        doc: 0 means 65536.
      - id: num_fragmented_free_bytes
        type: u1
      - id: right_most_page
        type: u4
        if: is_interior
      - id: cell_pointers
        type: cell_pointer
        repeat: expr
        repeat-expr: num_cells
    instances:
      is_interior:
        value: >-
          page_type == b_tree_page_type::interior_index
          or page_type == b_tree_page_type::interior_table
      first_freeblock:
        pos: ofs_first_freeblock
        type: freeblock
        if: ofs_first_freeblock != 0
  freeblock:
    -webide-representation: '{len_block:dec} bytes'
    seq:
      - id: ofs_next
        type: u2
      - id: len_block
        type: u2
        doc: These four bytes included.
    instances:
      next:
        pos: ofs_next
        type: freeblock
        if: ofs_next != 0
  cell_pointer:
    -webide-representation: '{ofs_cell:hex}'
    seq:
      - id: ofs_cell
        type: u2
    instances:
      cell:
        pos: ofs_cell
        type:
          switch-on: _parent.page_type
          cases:
            'b_tree_page_type::interior_index': interior_index_cell
            'b_tree_page_type::interior_table': interior_table_cell
            'b_tree_page_type::leaf_index': leaf_index_cell
            'b_tree_page_type::leaf_table': leaf_table_cell
  interior_index_cell:
    -webide-representation: 'page {left_child_page:dec}'
    seq:
      - id: left_child_page
        type: u4
      - id: len_payload
        type: varint
      - id: payload
        type: payload(len_payload.value, (_root.usable_size - 12) * 64 / 255 - 23)
  interior_table_cell:
    -webide-representation: 'page {left_child_page:dec}, row {row_id.signed:dec}'
    seq:
      - id: left_child_page
        type: u4
      - id: row_id
        type: varint
  leaf_index_cell:
    -webide-representation: '{len_payload.value:dec} bytes'
    seq:
      - id: len_payload
        type: varint
      - id: payload
        type: payload(len_payload.value, (_root.usable_size - 12) * 64 / 255 - 23)
  leaf_table_cell:
    -webide-representation: 'row {row_id.signed:dec}, {len_payload.value:dec} bytes'
    seq:
      - id: len_payload
        type: varint
      - id: row_id
        type: varint
      - id: payload
        type: payload(len_payload.value, _root.usable_size - 35)
  payload:
    doc: A record. What does not fit in its page continues in a chain of overflow pages.
    params:
      - id: len_payload
        type: u8
      - id: max_local
        type: u4
    seq:
      - id: record
        type: record
        size: len_local
      - id: overflow_page_number
        type: u4
        if: len_local < len_payload
    instances:
      min_local:
        value: (_root.usable_size - 12) * 32 / 255 - 23
      surplus:
        value: >-
          len_payload <= max_local ? 0
          : min_local + (len_payload - min_local) % (_root.usable_size - 4)
      len_local:
        value: 'len_payload <= max_local ? len_payload : surplus <= max_local ? surplus : min_local'
        doc: The bytes of the record that are in this page.
      overflow:
        io: _root._io
        pos: (overflow_page_number - 1) * _root.page_size
        size: _root.page_size
        type: overflow_page
        if: len_local < len_payload
  overflow_page:
    seq:
      - id: next_page
        type: u4
        doc: 0 in the last page of the chain.
      - id: content
        size: _root.usable_size - 4
    instances:
      next:
        io: _root._io
        pos: (next_page - 1) * _root.page_size
        size: _root.page_size
        type: overflow_page
        if: next_page != 0 and next_page <= _root.num_pages
  record:
    seq:
      - id: len_header
        type: varint
      - id: header
        type: record_header
        size: >-
          len_header.value - len_header.groups.size < _io.size - _io.pos
          ? len_header.value - len_header.groups.size : _io.size - _io.pos
      - id: columns
        type: column(header.serial_types[_index].value, _io.size - _io.pos)
        repeat: expr
        repeat-expr: header.serial_types.size
  record_header:
    seq:
      - id: serial_types
        type: varint
        repeat: eos
  column:
    -webide-representation: >-
      {storage} {integer:dec}{integer_24.value:dec}{integer_48.value:dec}{real}{text}{text_utf16le}{text_utf16be}
    params:
      - id: serial_type
        type: u8
      - id: len_left
        type: u4
        doc: Bytes of the record that are left in this page.
    seq:
      - id: integer
        type:
          switch-on: serial_type
          cases:
            1: s1
            2: s2
            4: s4
            6: s8
        if: is_plain_integer and len_value <= len_left
      - id: integer_24
        type: int24
        if: serial_type == 3 and len_left >= 3
      - id: integer_48
        type: int48
        if: serial_type == 5 and len_left >= 6
      - id: real
        type: f8
        if: serial_type == 7 and len_left >= 8
      - id: text
        type: str
        size: len_local
        if: storage == storage::text and _root.header.text_encoding.to_i <= 1
      - id: text_utf16le
        type: str
        size: len_local
        encoding: UTF-16LE
        if: storage == storage::text and _root.header.text_encoding == text_encoding::utf16le
      - id: text_utf16be
        type: str
        size: len_local
        encoding: UTF-16BE
        if: storage == storage::text and _root.header.text_encoding == text_encoding::utf16be
      - id: blob
        size: len_local
        if: storage == storage::blob
    instances:
      is_plain_integer:
        value: serial_type == 1 or serial_type == 2 or serial_type == 4 or serial_type == 6
      storage:
        value: >-
          serial_type >= 12 ? (serial_type % 2 == 0 ? 12 : 13)
          : serial_type == 0 or serial_type >= 7 ? serial_type
          : 1
        enum: storage
      len_value:
        value: >-
          serial_type >= 12 ? (serial_type - 12) / 2
          : serial_type <= 4 ? serial_type
          : serial_type == 5 ? 6
          : serial_type <= 7 ? 8
          : 0
      len_local:
        value: 'len_value < len_left ? len_value : len_left'
        doc: The rest is in overflow pages.
  int24:
    -webide-representation: '{value:dec}'
    seq:
      - id: high
        type: s1
      - id: low
        type: u2
    instances:
      value:
        value: high * 65536 + low
  int48:
    -webide-representation: '{value:dec}'
    seq:
      - id: high
        type: s2
      - id: low
        type: u4
    instances:
      value:
        value: high * 0x100000000 + low
  varint:
    -webide-representation: '{value:dec}'
    doc: Seven bits a byte, highest first; a ninth byte counts with all eight.
    seq:
      - id: groups
        type: u1
        repeat: until
        repeat-until: _ < 128 or groups.size == 9
    instances:
      first_four:
        value: >-
          groups.size == 1 ? groups[0]
          : groups.size == 2 ? (groups[0] & 127) * 128 + groups[1]
          : groups.size == 3 ? ((groups[0] & 127) * 128 + (groups[1] & 127)) * 128 + groups[2]
          : (((groups[0] & 127) * 128 + (groups[1] & 127)) * 128 + (groups[2] & 127)) * 128
          + (groups[3] & 127)
      first_eight:
        value: >-
          groups.size <= 4 ? first_four
          : groups.size == 5 ? first_four * 128 + groups[4]
          : groups.size == 6 ? (first_four * 128 + (groups[4] & 127)) * 128 + groups[5]
          : groups.size == 7 ? ((first_four * 128 + (groups[4] & 127)) * 128
          + (groups[5] & 127)) * 128 + groups[6]
          : (((first_four * 128 + (groups[4] & 127)) * 128 + (groups[5] & 127)) * 128
          + (groups[6] & 127)) * 128 + (groups[7] & 127)
      value:
        value: 'groups.size == 9 ? first_eight * 256 + groups[8] : first_eight'
      signed:
        value: >-
          value >= 0x8000000000000000
          ? value - 0x8000000000000000 - 0x8000000000000000 : value
  freelist_trunk:
    seq:
      - id: next_trunk
        type: u4
      - id: num_leaves
        type: u4
      - id: leaves
        type: u4
        repeat: expr
        repeat-expr: num_leaves
        doc: Numbers of pages that are not in use.
    instances:
      next:
        io: _root._io
        pos: (next_trunk - 1) * _root.page_size
        size: _root.page_size
        type: freelist_trunk
        if: next_trunk != 0
  pointer_map_entry:
    -webide-representation: '{page_use} of {parent_page:dec}'
    seq:
      - id: page_use
        type: u1
        enum: page_use
      - id: parent_page
        type: u4
enums:
  journal_version:
    1: rollback
    2: wal
  text_encoding:
    0: none
    1: utf8
    2: utf16le
    3: utf16be
  page_kind:
    0: b_tree
    1: pointer_map
    2: overflow_or_freelist
    3: lock_byte
  b_tree_page_type:
    0x02: interior_index
    0x05: interior_table
    0x0a: leaf_index
    0x0d: leaf_table
  storage:
    0: none
    1: integer
    7: real
    8: zero
    9: one
    10: reserved_10
    11: reserved_11
    12: blob
    13: text
  page_use:
    0: unused
    1: root
    2: free
    3: first_overflow
    4: overflow
    5: b_tree
