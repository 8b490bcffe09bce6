meta:
  id: png
  title: Portable Network Graphics (PNG)
  file-extension: [png, apng]
  license: MIT OR Apache-2.0
  endian: be
  encoding: ISO-8859-1
  bit-endian: be
doc: Image, or animation (APNG), as a list of chunks.
doc-ref: https://www.w3.org/TR/png-3/
seq:
  - id: magic
    contents: [0x89, "PNG", 0x0d, 0x0a, 0x1a, 0x0a]
  - id: chunks
    type: chunk
    repeat: until
    repeat-until: _.type == "IEND" or _io.eof
  - id: trailing_data
    doc: Bytes after the last chunk.
    size-eos: true
instances:
  image_header:
    doc: The body of the first chunk, which must be IHDR.
    pos: 16
    size: 13
    type: image_header
types:
  chunk:
    -webide-representation: '{type} {len_body} bytes {body}'
    seq:
      - id: len_body
        type: u4
      - id: type
        type: str
        size: 4
        encoding: ASCII
      - id: body
        size: len_body
        type:
          switch-on: type
          cases:
            '"IHDR"': image_header
            '"PLTE"': palette
            '"tRNS"': transparency
            '"cHRM"': chromaticities
            '"gAMA"': gamma
            '"iCCP"': icc_profile
            '"sBIT"': significant_bits
            '"sRGB"': srgb
            '"cICP"': coding_independent_code_points
            '"mDCV"': mastering_display
            '"cLLI"': content_light_level
            '"tEXt"': text
            '"zTXt"': compressed_text
            '"iTXt"': international_text
            '"bKGD"': background
            '"hIST"': histogram
            '"pHYs"': physical_dimensions
            '"sPLT"': suggested_palette
            '"tIME"': time
            '"acTL"': animation_control
            '"fcTL"': frame_control
            '"fdAT"': frame_data
      - id: crc
        doc: CRC-32 of the type and the body.
        type: u4
    instances:
      is_ancillary:
        doc: Ancillary chunks start with a lower-case letter.
        value: type.substring(0, 1) >= "a"
  image_header:
    -webide-representation: '{width} x {height}, {bit_depth} bits {color_type}'
    seq:
      - id: width
        type: u4
      - id: height
        type: u4
      - id: bit_depth
        doc: Bits per sample or palette index.
        type: u1
        valid: { any-of: [1, 2, 4, 8, 16] }
      - id: color_type
        type: u1
        enum: color_type
      - id: compression_method
        type: u1
        enum: compression_method
      - id: filter_method
        type: u1
      - id: interlace_method
        type: u1
        enum: interlace_method
  rgb:
    -webide-representation: '#{red:hex}{green:hex}{blue:hex}'
    seq:
      - id: red
        type: u1
      - id: green
        type: u1
      - id: blue
        type: u1
  rgb_16:
    seq:
      - id: red
        type: u2
      - id: green
        type: u2
      - id: blue
        type: u2
  palette:
    seq:
      - id: entries
        type: rgb
        repeat: eos
  transparency:
    seq:
      - id: gray
        type: u2
        if: _root.image_header.color_type == color_type::grayscale
      - id: color
        type: rgb_16
        if: _root.image_header.color_type == color_type::truecolor
      - id: palette_alpha
        type: u1
        repeat: eos
        if: _root.image_header.color_type == color_type::indexed
  background:
    seq:
      - id: palette_index
        type: u1
        if: _root.image_header.color_type == color_type::indexed
      - id: gray
        type: u2
        if: |
          _root.image_header.color_type == color_type::grayscale
            or _root.image_header.color_type == color_type::grayscale_alpha
      - id: color
        type: rgb_16
        if: |
          _root.image_header.color_type == color_type::truecolor
            or _root.image_header.color_type == color_type::truecolor_alpha
  chromaticity:
    -webide-representation: '{x}, {y}'
    seq:
      - id: x_field
        type: u4
      - id: y_field
        type: u4
    instances:
      x:
        value: x_field / 100000.0
      y:
        value: y_field / 100000.0
  chromaticities:
    seq:
      - id: white_point
        type: chromaticity
      - id: red
        type: chromaticity
      - id: green
        type: chromaticity
      - id: blue
        type: chromaticity
  gamma:
    -webide-representation: '{value}'
    seq:
      - id: value_field
        type: u4
    instances:
      value:
        value: value_field / 100000.0
  icc_profile:
    -webide-representation: '{name}'
    seq:
      - id: name
        type: strz
      - id: compression_method
        type: u1
        enum: compression_method
      - id: profile
        size-eos: true
        process: zlib
  significant_bits:
    seq:
      - id: samples
        doc: One number per sample of a pixel.
        type: u1
        repeat: eos
  srgb:
    -webide-representation: '{rendering_intent}'
    seq:
      - id: rendering_intent
        type: u1
        enum: rendering_intent
  coding_independent_code_points:
    seq:
      - id: color_primaries
        type: u1
      - id: transfer_function
        type: u1
      - id: matrix_coefficients
        type: u1
      - id: is_full_range
        type: u1
  mastering_display:
    seq:
      - id: primaries
        doc: x and y of red, green and blue, in units of 0.00002.
        type: u2
        repeat: expr
        repeat-expr: 6
      - id: white_point_x
        type: u2
      - id: white_point_y
        type: u2
      - id: max_luminance
        doc: In units of 0.0001 candela per square metre.
        type: u4
      - id: min_luminance
        type: u4
  content_light_level:
    seq:
      - id: max_content_light_level
        type: u4
      - id: max_frame_average_light_level
        type: u4
  text:
    -webide-representation: '{keyword}: {text}'
    seq:
      - id: keyword
        type: strz
      - id: text
        type: str
        size-eos: true
  compressed_text:
    -webide-representation: '{keyword}'
    seq:
      - id: keyword
        type: strz
      - id: compression_method
        type: u1
        enum: compression_method
      - id: body
        size-eos: true
        process: zlib
        type: latin_1_text
  latin_1_text:
    -webide-representation: '{text}'
    seq:
      - id: text
        type: str
        size-eos: true
  utf_8_text:
    -webide-representation: '{text}'
    seq:
      - id: text
        type: str
        size-eos: true
        encoding: UTF-8
  international_text:
    -webide-representation: '{keyword}: {text}'
    seq:
      - id: keyword
        type: strz
      - id: is_compressed
        type: u1
        valid: { any-of: [0, 1] }
      - id: compression_method
        type: u1
        enum: compression_method
      - id: language
        type: strz
        encoding: ASCII
      - id: translated_keyword
        type: strz
        encoding: UTF-8
      - id: text
        type: str
        size-eos: true
        encoding: UTF-8
        if: is_compressed == 0
      - id: body
        size-eos: true
        process: zlib
        type: utf_8_text
        if: is_compressed != 0
  histogram:
    seq:
      - id: frequencies
        doc: One per palette entry.
        type: u2
        repeat: eos
  physical_dimensions:
    -webide-representation: '{pixels_per_unit_x} x {pixels_per_unit_y} per {unit}'
    seq:
      - id: pixels_per_unit_x
        type: u4
      - id: pixels_per_unit_y
        type: u4
      - id: unit
        type: u1
        enum: physical_unit
  suggested_palette:
    -webide-representation: '{name}'
    seq:
      - id: name
        type: strz
      - id: sample_depth
        type: u1
        valid: { any-of: [8, 16] }
      - id: entries
        type: suggested_color(sample_depth)
        size: 'sample_depth == 8 ? 6 : 10'
        repeat: eos
  suggested_color:
    params:
      - id: sample_depth
        type: u1
    seq:
      - id: samples_8
        doc: Red, green, blue and alpha.
        type: u1
        repeat: expr
        repeat-expr: 4
        if: sample_depth == 8
      - id: samples_16
        type: u2
        repeat: expr
        repeat-expr: 4
        if: sample_depth != 8
      - id: frequency
        type: u2
  time:
    doc: Last modification of the image, in UTC.
    -webide-representation: '{year:dec}-{month:dec}-{day:dec} {hour:dec}:{minute:dec}:{second:dec}'
    seq:
      - id: year
        type: u2
      - id: month
        type: u1
      - id: day
        type: u1
      - id: hour
        type: u1
      - id: minute
        type: u1
      - id: second
        type: u1
  animation_control:
    -webide-representation: '{num_frames} frames, {num_plays} plays'
    seq:
      - id: num_frames
        type: u4
      - id: num_plays
        doc: 0 means forever.
        type: u4
  frame_control:
    -webide-representation: '{sequence_number}: {width} x {height} at {x_offset}, {y_offset}'
    seq:
      - id: sequence_number
        type: u4
      - id: width
        type: u4
      - id: height
        type: u4
      - id: x_offset
        type: u4
      - id: y_offset
        type: u4
      - id: delay_numerator
        type: u2
      - id: delay_denominator
        doc: 0 means 100.
        type: u2
      - id: dispose
        type: u1
        enum: dispose
      - id: blend
        type: u1
        enum: blend
  frame_data:
    seq:
      - id: sequence_number
        type: u4
      - id: data
        size-eos: true
enums:
  color_type:
    0: grayscale
    2: truecolor
    3: indexed
    4: grayscale_alpha
    6: truecolor_alpha
  compression_method:
    0: deflate
  interlace_method:
    0: none
    1: adam7
  rendering_intent:
    0: perceptual
    1: relative_colorimetric
    2: saturation
    3: absolute_colorimetric
  physical_unit:
    0: unknown
    1: meter
  dispose:
    0: none
    1: background
    2: previous
  blend:
    0: source
    1: over
