meta:
  id: gif
  title: Graphics Interchange Format (GIF)
  file-extension: gif
  license: MIT OR Apache-2.0
  endian: le
  encoding: ASCII
  bit-endian: be
doc: Image or animation with at most 256 colors per frame.
doc-ref: https://www.w3.org/Graphics/GIF/spec-gif89a.txt
seq:
  - id: magic
    contents: GIF
  - id: version
    type: str
    size: 3
    valid: { any-of: ['"87a"', '"89a"'] }
  - id: logical_screen
    type: logical_screen
  - id: global_color_table
    size: 3 * (2 << logical_screen.log_num_colors)
    type: color_table
    if: logical_screen.has_global_color_table
  - id: blocks
    type: block
    repeat: until
    repeat-until: _io.eof or _.type == block_type::trailer
  - id: trailing_data
    size-eos: true
types:
  logical_screen:
    -webide-representation: '{width} x {height}'
    seq:
      - id: width
        type: u2
      - id: height
        type: u2
      - id: has_global_color_table
        type: b1
      - id: color_resolution
        doc: Bits per primary color of the original image, minus 1.
        type: b3
      - id: is_sorted
        type: b1
      - id: log_num_colors
        doc: The table has 2^(n + 1) colors.
        type: b3
      - id: background_index
        type: u1
      - id: pixel_aspect_ratio
        doc: 0 if not given; otherwise the ratio is (value + 15) / 64.
        type: u1
  color_table:
    seq:
      - id: colors
        type: color
        repeat: eos
  color:
    -webide-representation: '#{red:hex}{green:hex}{blue:hex}'
    seq:
      - id: red
        type: u1
      - id: green
        type: u1
      - id: blue
        type: u1
  block:
    -webide-representation: '{type} {body}'
    seq:
      - id: type
        type: u1
        enum: block_type
      - id: body
        type:
          switch-on: type
          cases:
            'block_type::extension': extension
            'block_type::image': image
  image:
    -webide-representation: '{width} x {height} at {left}, {top}'
    seq:
      - id: left
        type: u2
      - id: top
        type: u2
      - id: width
        type: u2
      - id: height
        type: u2
      - id: has_local_color_table
        type: b1
      - id: is_interlaced
        type: b1
      - id: is_sorted
        type: b1
      - id: reserved
        type: b2
      - id: log_num_colors
        type: b3
      - id: local_color_table
        size: 3 * (2 << log_num_colors)
        type: color_table
        if: has_local_color_table
      - id: lzw_minimum_code_size
        type: u1
      - id: data
        type: sub_blocks
  sub_blocks:
    doc: Blocks of at most 255 bytes; an empty block ends the list.
    seq:
      - id: entries
        type: sub_block
        repeat: until
        repeat-until: _.len_body == 0
  sub_block:
    -webide-representation: '{len_body:dec} bytes'
    seq:
      - id: len_body
        type: u1
      - id: body
        size: len_body
  extension:
    -webide-representation: '{label} {body}'
    seq:
      - id: label
        type: u1
        enum: extension_label
      - id: body
        type:
          switch-on: label
          cases:
            'extension_label::graphic_control': graphic_control
            'extension_label::application': application
            'extension_label::comment': comment
            'extension_label::plain_text': plain_text
            _: sub_blocks
  graphic_control:
    -webide-representation: 'delay {delay} {disposal}'
    seq:
      - id: len_fields
        type: u1
        valid: 4
      - id: reserved
        type: b3
      - id: disposal
        type: b3
        enum: disposal
      - id: waits_for_user
        type: b1
      - id: has_transparent_color
        type: b1
      - id: delay
        doc: In hundredths of a second.
        type: u2
      - id: transparent_index
        type: u1
      - id: terminator
        type: u1
        valid: 0
  application:
    -webide-representation: '{identifier}'
    seq:
      - id: len_fields
        type: u1
        valid: 11
      - id: identifier
        type: str
        size: 8
      - id: authentication_code
        size: 3
      - id: looping
        type: looping
        if: identifier == "NETSCAPE" or identifier == "ANIMEXTS"
      - id: data
        type: sub_blocks
        if: identifier != "NETSCAPE" and identifier != "ANIMEXTS"
  looping:
    doc: Number of repetitions of the animation.
    seq:
      - id: blocks
        type: looping_block
        repeat: until
        repeat-until: _.len_body == 0
  looping_block:
    seq:
      - id: len_body
        type: u1
      - id: type
        type: u1
        if: len_body != 0
      - id: num_loops
        doc: 0 means forever.
        type: u2
        if: len_body == 3
      - id: data
        size: len_body - 1
        if: len_body != 0 and len_body != 3
  comment:
    seq:
      - id: parts
        type: text_block
        repeat: until
        repeat-until: _.len_text == 0
  text_block:
    -webide-representation: '{text}'
    seq:
      - id: len_text
        type: u1
      - id: text
        type: str
        size: len_text
        encoding: ISO-8859-1
  plain_text:
    seq:
      - id: len_fields
        type: u1
        valid: 12
      - id: left
        type: u2
      - id: top
        type: u2
      - id: width
        type: u2
      - id: height
        type: u2
      - id: cell_width
        type: u1
      - id: cell_height
        type: u1
      - id: foreground_index
        type: u1
      - id: background_index
        type: u1
      - id: parts
        type: text_block
        repeat: until
        repeat-until: _.len_text == 0
enums:
  block_type:
    0x21: extension
    0x2c: image
    0x3b: trailer
  extension_label:
    0x01: plain_text
    0xf9: graphic_control
    0xfe: comment
    0xff: application
  disposal:
    0: unspecified
    1: keep
    2: restore_background
    3: restore_previous
