meta:
  id: bmp
  title: Windows bitmap (BMP)
  file-extension: [bmp, dib]
  license: MIT OR Apache-2.0
  endian: le
  encoding: ASCII
doc-ref: https://learn.microsoft.com/en-us/windows/win32/gdi/bitmap-storage
seq:
  - id: magic
    contents: BM
  - id: len_file
    -orig-id: bfSize
    type: u4
  - id: reserved
    size: 4
  - id: ofs_pixels
    -orig-id: bfOffBits
    type: u4
  - id: header
    type: info_header
  - id: color_masks
    doc: Bit masks of the primary colors; part of the header since version 2.
    type: color_masks(header.compression == compression::alpha_bitfields)
    if: |
      header.len_header == 40 and (header.compression == compression::bitfields
        or header.compression == compression::alpha_bitfields)
  - id: color_table
    type: color(len_color)
    size: len_color
    repeat: expr
    repeat-expr: 'num_colors < max_num_colors ? num_colors : max_num_colors'
instances:
  len_color:
    value: 'header.is_core ? 3 : 4'
  num_colors:
    value: |
      header.num_colors_used != 0 ? header.num_colors_used
        : header.bits_per_pixel <= 8 ? 1 << header.bits_per_pixel : 0
  max_num_colors:
    doc: Number of colors that fit before the pixels.
    value: |
      ofs_pixels < 14 + header.len_header ? 0
        : (ofs_pixels - 14 - header.len_header
          - (header.len_header != 40 ? 0 : header.compression == compression::bitfields ? 12
            : header.compression == compression::alpha_bitfields ? 16 : 0)) / len_color
  len_row:
    doc: Rows are padded to 4 bytes.
    value: (header.width * header.bits_per_pixel + 31) / 32 * 4
  num_rows:
    value: 'header.height < 0 ? 0 - header.height : header.height'
  is_top_down:
    value: header.height < 0
  is_uncompressed:
    value: |
      header.compression == compression::rgb or header.compression == compression::bitfields
        or header.compression == compression::alpha_bitfields
  rows:
    doc: The bottom row comes first unless the height is negative.
    pos: ofs_pixels
    size: len_row
    repeat: expr
    repeat-expr: num_rows
    if: is_uncompressed and len_row != 0
  compressed_pixels:
    pos: ofs_pixels
    size: header.len_image
    if: not is_uncompressed
  color_profile:
    pos: 14 + header.ofs_profile
    size: header.len_profile
    if: header.len_header >= 124 and header.len_profile != 0
types:
  color:
    -webide-representation: '#{red:hex}{green:hex}{blue:hex}'
    params:
      - id: len_color
        type: u1
    seq:
      - id: blue
        type: u1
      - id: green
        type: u1
      - id: red
        type: u1
      - id: reserved
        type: u1
        if: len_color == 4
  color_masks:
    params:
      - id: has_alpha
        type: bool
    seq:
      - id: red
        type: u4
      - id: green
        type: u4
      - id: blue
        type: u4
      - id: alpha
        type: u4
        if: has_alpha
  xyz:
    doc: 2.30 fixed point.
    seq:
      - id: x
        type: u4
      - id: y
        type: u4
      - id: z
        type: u4
  info_header:
    doc: The length is the version and determines which fields exist.
    -webide-representation: '{version} {width} x {height}, {bits_per_pixel} bits {compression}'
    seq:
      - id: len_header
        -orig-id: biSize
        type: u4
      - id: core_width
        type: u2
        if: is_core
      - id: core_height
        type: u2
        if: is_core
      - id: info_width
        -orig-id: biWidth
        type: s4
        if: not is_core
      - id: info_height
        -orig-id: biHeight
        type: s4
        if: not is_core
      - id: num_planes
        -orig-id: biPlanes
        type: u2
        valid: 1
      - id: bits_per_pixel
        -orig-id: biBitCount
        type: u2
      - id: compression_field
        -orig-id: biCompression
        type: u4
        enum: compression
        if: len_header >= 20
      - id: len_image
        -orig-id: biSizeImage
        type: u4
        if: len_header >= 24
      - id: pixels_per_meter_x
        type: s4
        if: len_header >= 28
      - id: pixels_per_meter_y
        type: s4
        if: len_header >= 32
      - id: num_colors_used_field
        -orig-id: biClrUsed
        doc: 0 means as many as the bit depth allows.
        type: u4
        if: len_header >= 36
      - id: num_colors_important
        -orig-id: biClrImportant
        type: u4
        if: len_header >= 40
      - id: color_masks
        type: color_masks(len_header >= 56)
        if: len_header >= 52 and len_header != 64
      - id: color_space
        -orig-id: bV4CSType
        type: u4
        enum: color_space
        if: len_header >= 108
      - id: red_endpoint
        type: xyz
        if: len_header >= 108
      - id: green_endpoint
        type: xyz
        if: len_header >= 108
      - id: blue_endpoint
        type: xyz
        if: len_header >= 108
      - id: gamma_red
        doc: 16.16 fixed point, like the next two fields.
        type: u4
        if: len_header >= 108
      - id: gamma_green
        type: u4
        if: len_header >= 108
      - id: gamma_blue
        type: u4
        if: len_header >= 108
      - id: intent
        -orig-id: bV5Intent
        type: u4
        enum: intent
        if: len_header >= 124
      - id: ofs_profile
        -orig-id: bV5ProfileData
        doc: From the start of this header.
        type: u4
        if: len_header >= 124
      - id: len_profile
        -orig-id: bV5ProfileSize
        type: u4
        if: len_header >= 124
      - id: reserved
        type: u4
        if: len_header >= 124
      - id: os2_fields
        size: 24
        if: len_header == 64
    instances:
      is_core:
        value: len_header == 12
      version:
        value: len_header
        enum: header_version
      width:
        value: 'is_core ? core_width : info_width'
      height:
        value: 'is_core ? core_height : info_height'
      compression:
        value: 'len_header >= 20 ? compression_field : compression::rgb'
      num_colors_used:
        value: 'len_header >= 36 ? num_colors_used_field : 0'
enums:
  header_version:
    12: core
    16: os2_short
    40: info
    52: version_2
    56: version_3
    64: os2
    108: version_4
    124: version_5
  compression:
    0: rgb
    1: rle8
    2: rle4
    3: bitfields
    4: jpeg
    5: png
    6: alpha_bitfields
    11: cmyk
    12: cmyk_rle8
    13: cmyk_rle4
  color_space:
    0: calibrated_rgb
    0x73524742: srgb
    0x57696e20: windows
    0x4c494e4b: linked_profile
    0x4d424544: embedded_profile
  intent:
    1: saturation
    2: relative_colorimetric
    4: perceptual
    8: absolute_colorimetric
