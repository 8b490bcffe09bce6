meta:
  id: vlq_base128_le
  title: Variable-length integer of 7 bits a byte, the lowest first (LEB128)
  license: MIT OR Apache-2.0
  endian: le
  bit-endian: be
doc: |
  An integer whose bytes hold 7 bits each, the lowest first. The highest bit of a byte says whether
  another follows. At most 10 bytes are read, as a number of 64 bits needs.
doc-ref: https://dwarfstd.org/doc/DWARF5.pdf section 7.6
seq:
  - id: groups
    type: group
    repeat: until
    repeat-until: not _.has_next or groups.size == 10
types:
  group:
    -webide-representation: '{value}'
    seq:
      - id: has_next
        type: b1
      - id: value
        type: b7
instances:
  len:
    value: groups.size
  value:
    value: >-
      groups[0].value
      + (len > 1 ? groups[1].value << 7 : 0)
      + (len > 2 ? groups[2].value << 14 : 0)
      + (len > 3 ? groups[3].value << 21 : 0)
      + (len > 4 ? groups[4].value << 28 : 0)
      + (len > 5 ? groups[5].value << 35 : 0)
      + (len > 6 ? groups[6].value << 42 : 0)
      + (len > 7 ? groups[7].value << 49 : 0)
      + (len > 8 ? groups[8].value << 56 : 0)
      + (len > 9 ? groups[9].value << 63 : 0)
    doc: The number, without a sign.
