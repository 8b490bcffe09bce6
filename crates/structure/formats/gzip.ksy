# The end of compressed data is found only by decompressing it. So a file is described as one
# member, except for BGZF (samtools, bgzip), whose members name their length.
meta:
  id: gzip
  title: gzip compressed data
  application: gzip, pigz, bgzip
  file-extension: [gz, gzip, tgz, svgz, bgz, bam]
  license: MIT OR Apache-2.0
  endian: le
  encoding: ISO-8859-1
  bit-endian: le
  -lazyhex-magic:
    - { at: 0, bytes: [0x1f, 0x8b, 0x08] }
doc-ref:
  - https://www.rfc-editor.org/rfc/rfc1952
  - https://samtools.github.io/hts-specs/SAMv1.pdf
seq:
  - id: members
    type: member(_io.pos)
    repeat: eos
instances:
  trailer:
    doc: Trailer of the last member.
    pos: _io.size - 8
    type: trailer
types:
  member:
    -webide-representation: '{header.name} {header.compression_method}'
    params:
      - id: start
        type: u8
    seq:
      - id: header
        type: header
      - id: compressed_body
        size: |
          header.is_bgzf ? start + header.extra.subfields[0].len_bgzf_block + 1 - 8 - _io.pos
            : _io.size - _io.pos - 8
      - id: trailer
        type: trailer
  header:
    seq:
      - id: magic
        contents: [0x1f, 0x8b]
      - id: compression_method
        -orig-id: CM
        type: u1
        enum: compression_method
        valid: compression_method::deflate
      - id: is_text
        -orig-id: FTEXT
        type: b1
      - id: has_header_crc
        -orig-id: FHCRC
        type: b1
      - id: has_extra
        -orig-id: FEXTRA
        type: b1
      - id: has_name
        -orig-id: FNAME
        type: b1
      - id: has_comment
        -orig-id: FCOMMENT
        type: b1
      - id: reserved_flags
        type: b3
      - id: modified
        -orig-id: MTIME
        doc: 0 if unknown.
        type: u4
        -lazyhex-as: time32
      - id: extra_flags
        -orig-id: XFL
        type: u1
        enum: extra_flags
      - id: os
        -orig-id: OS
        type: u1
        enum: os
      - id: len_extra
        -orig-id: XLEN
        type: u2
        if: has_extra
      - id: extra
        size: len_extra
        type: extra
        if: has_extra
      - id: name
        type: strz
        if: has_name
      - id: comment
        type: strz
        if: has_comment
      - id: header_crc
        -orig-id: CRC16
        doc: Lower half of the CRC-32 of the header.
        type: u2
        if: has_header_crc
    instances:
      is_bgzf:
        value: 'has_extra ? extra.is_bgzf : false'
  extra:
    seq:
      - id: subfields
        type: subfield
        repeat: eos
    instances:
      is_bgzf:
        value: '_io.size >= 6 ? subfields[0].is_bgzf : false'
  subfield:
    -webide-representation: '{id} {len_body} bytes'
    seq:
      - id: id
        -orig-id: SI1 SI2
        type: str
        size: 2
      - id: len_body
        -orig-id: LEN
        type: u2
      - id: len_bgzf_block
        -orig-id: BSIZE
        doc: Length of the member, minus 1.
        type: u2
        if: is_bgzf
      - id: body
        size: len_body
        if: not is_bgzf
    instances:
      is_bgzf:
        value: id == "BC" and len_body == 2
  trailer:
    -webide-representation: '{len_uncompressed} bytes'
    seq:
      - id: crc
        -orig-id: CRC32
        type: u4
      - id: len_uncompressed
        -orig-id: ISIZE
        doc: Modulo 4 GiB.
        type: u4
enums:
  compression_method:
    8: deflate
  extra_flags:
    0: none
    2: best
    4: fastest
  os:
    0: fat
    1: amiga
    2: vms
    3: unix
    4: vm_cms
    5: atari_tos
    6: hpfs
    7: macintosh
    8: z_system
    9: cp_m
    10: tops_20
    11: ntfs
    12: qdos
    13: acorn_riscos
    255: unknown
