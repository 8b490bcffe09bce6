# The outline of a document: its cross-reference sections, found from the end of the file, and the objects
# that they list. What is in an object is shown as far as its dictionary goes.
meta:
  id: pdf
  title: PDF document
  application: Acrobat, browsers, office programs
  file-extension: [pdf, ai]
  license: MIT OR Apache-2.0
  endian: be
  encoding: ISO-8859-1
  -lazyhex-magic:
    - { at: 0, bytes: [0x25, 0x50, 0x44, 0x46, 0x2d] }
doc: A header, objects, and a table of their places at the end. Each update appends objects and a table of its own.
doc-ref: ISO 32000-2:2020, 7.5
seq:
  - id: header
    type: header
instances:
  start_xref:
    doc: Where the newest cross-reference section is. It is searched from the end.
    pos: end_search.ofs_keyword
    type: start_xref
    if: end_search.is_found
  sections:
    doc: The cross-reference sections, the newest first.
    type: 'section(_index == 0 ? start_xref.ofs_section : sections[_index - 1].ofs_previous)'
    repeat: until
    repeat-until: not _.has_previous or _index == 1023
    if: end_search.is_found
  end_search:
    type: end_search
types:
  header:
    -webide-representation: '{version}'
    seq:
      - id: magic
        contents: '%PDF-'
      - id: version
        doc: The catalog can name a later one.
        type: str
        size: 3
  end_search:
    doc: Finds the last `startxref`, in the last 4 KiB.
    -webide-representation: '{ofs_keyword:hex}'
    instances:
      probes:
        doc: Each tests five places, the last place first.
        type: end_probe(_root._io.size - 8 - 5 * _index)
        repeat: until
        repeat-until: _.is_here or _.ofs_first <= 0 or _index == 819
        if: _root._io.size >= 20
      is_found:
        value: '_root._io.size >= 20 ? probes.last.is_here : false'
      ofs_keyword:
        value: probes.last.ofs_keyword
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
        type: u4
      next_word:
        io: _root._io
        pos: ofs_first + 4
        type: u4
      skipped:
        doc: Bytes before `artx`, the middle of the keyword, or -1.
        value: |
          next_word == 0x61727478 ? 4
            : word % 0x100 * 0x1000000 + next_word / 0x100 == 0x61727478 ? 3
            : word % 0x10000 * 0x10000 + next_word / 0x10000 == 0x61727478 ? 2
            : word % 0x1000000 * 0x100 + next_word / 0x1000000 == 0x61727478 ? 1
            : word == 0x61727478 ? 0 : -1
      is_here:
        value: skipped >= 0 and ofs_first + skipped >= 2
      ofs_keyword:
        value: ofs_first + skipped - 2
  start_xref:
    -webide-representation: '{ofs_section:hex}'
    seq:
      - id: keyword
        contents: startxref
      - id: blanks
        type: blanks
      - id: place
        type: token(0)
      - id: end_marker
        doc: '%%EOF'
        type: str
        size: 5
        if: _io.size - _io.pos >= 5
    instances:
      ofs_section:
        value: place.text.to_i
  section:
    doc: A cross-reference section is a table or a stream.
    -webide-representation: '{ofs_section:hex}'
    params:
      - id: ofs_section
        type: s8
    instances:
      signature:
        io: _root._io
        pos: ofs_section
        type: u4
      is_table:
        value: signature == 0x78726566
      table:
        io: _root._io
        pos: ofs_section
        type: table
        if: is_table
      stream:
        doc: A cross-reference stream. Its entries are packed, and not listed here.
        io: _root._io
        pos: ofs_section
        type: indirect_object
        if: not is_table
      hybrid_stream:
        doc: Lists objects that older readers of a table do not know.
        io: _root._io
        pos: table.trailer.find_stream.number
        type: indirect_object
        if: 'is_table ? table.trailer.find_stream.is_found : false'
      has_previous:
        value: 'is_table ? table.trailer.find_previous.is_found : stream.has_previous'
      ofs_previous:
        value: 'is_table ? table.trailer.find_previous.number : stream.dictionary.find_previous.number'
        if: has_previous
  table:
    seq:
      - id: keyword
        contents: xref
      - id: blanks
        type: blanks
      - id: subsections
        type: subsection
        repeat: until
        repeat-until: not _.is_followed
        if: has_subsections
      - id: trailer_keyword
        contents: trailer
      - id: blanks_2
        type: blanks
      - id: trailer
        type: dictionary
    instances:
      has_subsections:
        value: first_byte >= 0x30 and first_byte <= 0x39
      first_byte:
        pos: _io.pos
        type: u1
  subsection:
    doc: The places of objects with consecutive numbers.
    -webide-representation: '{num_entries} from {first_number}'
    seq:
      - id: first
        type: token(0)
      - id: count
        type: token(0)
      - id: entries
        type: entry(_index)
        repeat: expr
        repeat-expr: num_entries
    instances:
      first_number:
        value: first.text.to_i
      num_entries:
        value: count.text.to_i
      next_byte:
        pos: _io.pos
        type: u1
        if: not _io.eof
      is_followed:
        value: '_io.eof ? false : next_byte >= 0x30 and next_byte <= 0x39'
  entry:
    -webide-representation: '{number} {state} {ofs_object}'
    params:
      - id: index
        type: s8
    seq:
      - id: ofs_text
        doc: Ten digits. Of a free entry, the number of the next free one.
        type: str
        size: 10
      - id: space
        size: 1
      - id: generation_text
        type: str
        size: 5
      - id: space_2
        size: 1
      - id: state
        type: u1
        enum: state
      - id: line_end
        size: 2
    instances:
      number:
        value: _parent.first_number + index
      generation:
        value: generation_text.to_i
      ofs_object:
        value: ofs_text.to_i
        if: state == state::in_use
      object:
        io: _root._io
        pos: ofs_object
        type: indirect_object
        if: state == state::in_use
  indirect_object:
    -webide-representation: '{number} {generation} obj'
    seq:
      - id: number
        type: token(0)
      - id: generation
        type: token(0)
      - id: keyword
        type: token(0)
        valid:
          expr: _.text == "obj"
      - id: dictionary
        type: dictionary
        if: has_dictionary
    instances:
      next_word:
        pos: _io.pos
        type: u2
        if: _io.size - _io.pos >= 2
      has_dictionary:
        value: '_io.size - _io.pos >= 2 ? next_word == 0x3c3c : false'
      has_previous:
        value: 'has_dictionary ? dictionary.find_previous.is_found : false'
  dictionary:
    seq:
      - id: open
        type: token(0)
        valid:
          expr: _.text == "<<"
      - id: pairs
        type: pair
        repeat: until
        repeat-until: not _.is_followed
        if: open.following == 0x2f
      - id: close
        type: token(0)
    instances:
      find_previous:
        type: lookup("/Prev")
      find_stream:
        type: lookup("/XRefStm")
  lookup:
    doc: The number that a key of the dictionary has.
    -webide-representation: '{number}'
    params:
      - id: key
        type: str
    instances:
      probes:
        type: probe(_index)
        repeat: until
        repeat-until: _.is_here or _index + 1 >= _parent.pairs.size
        if: _parent.open.following == 0x2f
      is_found:
        value: '_parent.open.following == 0x2f ? probes.last.is_here : false'
      number:
        value: probes.last.pair.value[0].text.to_i
        if: is_found
  probe:
    -webide-representation: '{is_here}'
    params:
      - id: index
        type: s8
    instances:
      pair:
        value: _parent._parent.pairs[index]
      is_here:
        value: pair.key.text == _parent.key
  pair:
    -webide-representation: '{key} {text}'
    seq:
      - id: key
        type: token(0)
      - id: value
        doc: All up to the next key.
        type: 'token(_index == 0 ? 0 : value[_index - 1].depth)'
        repeat: until
        repeat-until: _.depth <= 0 and (_.following == 0x2f or _.following == 0x3e) or _.following == 0
    instances:
      text:
        value: |
          value.size == 1 ? value[0].text
            : value.size == 3 and value.last.text == "R" ? value[0].text + " " + value[1].text + " R"
            : value[0].text + "…"
      is_followed:
        value: value.last.following == 0x2f
  token:
    -webide-representation: '{text}'
    params:
      - id: depth_before
        doc: How many dictionaries and arrays are open.
        type: s4
    seq:
      - id: text
        type: str
        size: scan.len_text
        if: scan.first != 0
      - id: blanks
        type: blanks
    instances:
      scan:
        type: token_scan
      depth:
        doc: How many are open after it.
        value: |
          depth_before + (scan.first == 0x5b or (scan.first == 0x3c and scan.is_pair) ? 1
            : scan.first == 0x5d or (scan.first == 0x3e and scan.is_pair) ? -1 : 0)
      following:
        doc: The byte after it and the blanks, or 0.
        value: '_io.eof ? 0 : next_byte'
      next_byte:
        pos: _io.pos
        type: u1
        if: not _io.eof
  token_scan:
    doc: Finds where a token ends.
    -webide-representation: '{len_text}'
    instances:
      first:
        doc: The first byte, or 0.
        value: '_io.eof ? 0 : first_byte'
      first_byte:
        pos: _io.pos
        type: u1
        if: not _io.eof
      second_byte:
        pos: _io.pos + 1
        type: u1
        if: _io.size - _io.pos >= 2
      is_pair:
        doc: The text is `<<` or `>>`.
        value: |
          _io.size - _io.pos >= 2 ? second_byte == first and (first == 0x3c or first == 0x3e) : false
      len_text:
        value: |
          is_pair ? 2
            : first == 0x28 ? literal.size
            : first == 0x3c ? hexadecimal.size
            : first == 0x25 ? comment.size
            : first == 0x3e or first == 0x5b or first == 0x5d ? 1
            : word.size - (word.last.is_end ? 1 : 0)
        if: first != 0
      literal:
        pos: _io.pos
        type: |
          literal_char(_index == 0 ? 0 : literal[_index - 1].depth,
          _index == 0 ? false : literal[_index - 1].is_escape)
        repeat: until
        repeat-until: _.depth <= 0 or _io.eof
        if: first == 0x28
      hexadecimal:
        pos: _io.pos
        type: u1
        repeat: until
        repeat-until: _ == 0x3e or _io.eof
        if: first == 0x3c and not is_pair
      comment:
        pos: _io.pos
        type: u1
        repeat: until
        repeat-until: _ == 0x0a or _ == 0x0d or _io.eof
        if: first == 0x25
      word:
        doc: A number, a name or a keyword, and the byte after it.
        pos: _io.pos
        type: word_char(_index)
        repeat: until
        repeat-until: _.is_end or _io.eof
        if: |
          first != 0 and first != 0x25 and first != 0x28 and first != 0x3c and first != 0x3e
            and first != 0x5b and first != 0x5d
  word_char:
    -webide-representation: '{code}'
    params:
      - id: index
        type: s8
    seq:
      - id: code
        type: u1
    instances:
      is_end:
        doc: It is white space or a delimiter.
        value: |
          index > 0 and (code <= 0x20 or code == 0x25 or code == 0x28 or code == 0x29
            or code == 0x2f or code == 0x3c or code == 0x3e or code == 0x5b or code == 0x5d)
  literal_char:
    -webide-representation: '{code}'
    params:
      - id: depth_before
        type: s4
      - id: is_escaped
        type: bool
    seq:
      - id: code
        type: u1
    instances:
      is_escape:
        value: code == 0x5c and not is_escaped
      depth:
        value: |
          is_escaped ? depth_before
            : code == 0x28 ? depth_before + 1
            : code == 0x29 ? depth_before - 1 : depth_before
  blanks:
    doc: White space.
    -webide-representation: '{bytes}'
    seq:
      - id: bytes
        size: 'scan.size - (scan.last > 0x20 ? 1 : 0)'
        if: not _io.eof
    instances:
      scan:
        doc: The white space and the byte after it.
        pos: _io.pos
        type: u1
        repeat: until
        repeat-until: _ > 0x20 or _io.eof
        if: not _io.eof
enums:
  state:
    0x66: free
    0x6e: in_use
