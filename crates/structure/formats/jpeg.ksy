# Recognised by its first three bytes: a start of image and the first byte of a marker.
meta:
  id: jpeg
  title: JPEG image (JFIF, Exif)
  file-extension: [jpg, jpeg, jpe, jfif]
  license: MIT OR Apache-2.0
  endian: be
  encoding: ISO-8859-1
  bit-endian: be
  -lazyhex-magic:
    - { at: 0, bytes: [0xff, 0xd8, 0xff] }
doc: |
  Segments up to the first scan. The scan's coded data has no length, so that all the rest of
  the file is one field; later scans of a progressive image are inside it.
doc-ref:
  - https://www.w3.org/Graphics/JPEG/itu-t81.pdf
  - https://www.w3.org/Graphics/JPEG/jfif3.pdf
  - https://www.cipa.jp/std/documents/download_e.html?DC-008-Translation-2019-E
seq:
  - id: magic
    contents: [0xff, 0xd8]
  - id: segments
    type: segment
    repeat: until
    repeat-until: _.marker == marker::sos or _.marker == marker::eoi or _io.eof
  - id: scan_data
    size: _io.size - _io.pos - 2
    if: segments.last.marker == marker::sos and _io.size - _io.pos >= 2
  - id: end_marker
    doc: ff d9 unless the file is truncated or data follows the image.
    size: 2
    if: segments.last.marker == marker::sos and _io.size - _io.pos >= 2
  - id: trailing_data
    size-eos: true
types:
  segment:
    -webide-representation: '{marker} {body}'
    seq:
      - id: prefix_and_code
        doc: One or more ff bytes, then the marker code.
        type: u1
        repeat: until
        repeat-until: _ != 0xff
      - id: len_segment
        doc: Includes these bytes.
        type: u2
        if: has_body
      - id: body
        size: len_segment - 2
        type:
          switch-on: marker
          cases:
            'marker::app0': jfif
            'marker::app1': app1
            'marker::app2': app2
            'marker::app13': app13
            'marker::app14': adobe
            'marker::sof0': frame
            'marker::sof1': frame
            'marker::sof2': frame
            'marker::sof3': frame
            'marker::sof5': frame
            'marker::sof6': frame
            'marker::sof7': frame
            'marker::sof9': frame
            'marker::sof10': frame
            'marker::sof11': frame
            'marker::sof13': frame
            'marker::sof14': frame
            'marker::sof15': frame
            'marker::dqt': quantization_tables
            'marker::dht': huffman_tables
            'marker::dac': arithmetic_conditions
            'marker::dri': restart_interval
            'marker::dnl': number_of_lines
            'marker::sos': scan
            'marker::com': comment
        if: has_body
    instances:
      marker:
        value: prefix_and_code.last
        enum: marker
      has_body:
        value: |
          marker != marker::tem and marker != marker::soi and marker != marker::eoi
            and (prefix_and_code.last < 0xd0 or prefix_and_code.last > 0xd7)
  comment:
    -webide-representation: '{text}'
    seq:
      - id: text
        type: str
        size-eos: true
  frame:
    -webide-representation: '{width} x {height}, {num_components} components of {precision} bits'
    seq:
      - id: precision
        -orig-id: P
        doc: Bits per sample.
        type: u1
      - id: height
        -orig-id: Y
        type: u2
      - id: width
        -orig-id: X
        type: u2
      - id: num_components
        -orig-id: Nf
        type: u1
      - id: components
        type: frame_component
        repeat: expr
        repeat-expr: num_components
  frame_component:
    -webide-representation: '{id}: {horizontal_sampling} x {vertical_sampling}'
    seq:
      - id: id
        -orig-id: C
        doc: In JFIF, 1 is Y, 2 is Cb and 3 is Cr.
        type: u1
      - id: horizontal_sampling
        -orig-id: H
        type: b4
      - id: vertical_sampling
        -orig-id: V
        type: b4
      - id: quantization_table
        -orig-id: Tq
        type: u1
  quantization_tables:
    seq:
      - id: tables
        type: quantization_table
        repeat: eos
  quantization_table:
    -webide-representation: 'table {destination}'
    seq:
      - id: precision
        -orig-id: Pq
        doc: 0 for 8-bit elements, 1 for 16-bit elements.
        type: b4
      - id: destination
        -orig-id: Tq
        type: b4
      - id: elements
        -orig-id: Q
        doc: In zigzag order.
        type:
          switch-on: precision
          cases:
            0: u1
            _: u2
        repeat: expr
        repeat-expr: 64
  huffman_tables:
    seq:
      - id: tables
        type: huffman_table
        repeat: eos
  huffman_table:
    -webide-representation: '{class} table {destination}, {num_values} codes'
    seq:
      - id: class
        -orig-id: Tc
        type: b4
        enum: huffman_class
      - id: destination
        -orig-id: Th
        type: b4
      - id: num_codes
        -orig-id: L
        doc: Number of codes of each length from 1 to 16 bits.
        type: u1
        repeat: expr
        repeat-expr: 16
      - id: values
        -orig-id: V
        size: num_values
    instances:
      num_values:
        value: |
          num_codes[0] + num_codes[1] + num_codes[2] + num_codes[3] + num_codes[4]
            + num_codes[5] + num_codes[6] + num_codes[7] + num_codes[8] + num_codes[9]
            + num_codes[10] + num_codes[11] + num_codes[12] + num_codes[13]
            + num_codes[14] + num_codes[15]
  arithmetic_conditions:
    seq:
      - id: entries
        type: arithmetic_condition
        repeat: eos
  arithmetic_condition:
    seq:
      - id: class
        type: b4
        enum: huffman_class
      - id: destination
        type: b4
      - id: value
        type: u1
  restart_interval:
    -webide-representation: '{num_units:dec}'
    seq:
      - id: num_units
        -orig-id: Ri
        doc: Minimum coded units between restart markers; 0 for none.
        type: u2
  number_of_lines:
    seq:
      - id: num_lines
        -orig-id: NL
        type: u2
  scan:
    -webide-representation: '{num_components} components, {spectral_start}..{spectral_end}'
    seq:
      - id: num_components
        -orig-id: Ns
        type: u1
      - id: components
        type: scan_component
        repeat: expr
        repeat-expr: num_components
      - id: spectral_start
        -orig-id: Ss
        type: u1
      - id: spectral_end
        -orig-id: Se
        type: u1
      - id: approximation_high
        -orig-id: Ah
        type: b4
      - id: approximation_low
        -orig-id: Al
        type: b4
  scan_component:
    -webide-representation: '{id}: tables {dc_table}, {ac_table}'
    seq:
      - id: id
        -orig-id: Cs
        type: u1
      - id: dc_table
        -orig-id: Td
        type: b4
      - id: ac_table
        -orig-id: Ta
        type: b4
  jfif:
    -webide-representation: '{identifier} {version_major}.{version_minor}'
    seq:
      - id: identifier
        type: strz
        eos-error: false
      - id: version_major
        type: u1
        if: identifier == "JFIF"
      - id: version_minor
        type: u1
        if: identifier == "JFIF"
      - id: density_unit
        type: u1
        enum: density_unit
        if: identifier == "JFIF"
      - id: density_x
        type: u2
        if: identifier == "JFIF"
      - id: density_y
        type: u2
        if: identifier == "JFIF"
      - id: thumbnail_width
        type: u1
        if: identifier == "JFIF"
      - id: thumbnail_height
        type: u1
        if: identifier == "JFIF"
      - id: thumbnail
        doc: Three bytes per pixel.
        size: 3 * thumbnail_width * thumbnail_height
        if: identifier == "JFIF"
      - id: data
        size-eos: true
  app1:
    -webide-representation: '{identifier}'
    seq:
      - id: identifier
        type: strz
        eos-error: false
      - id: padding
        size: 1
        if: identifier == "Exif"
      - id: exif
        size-eos: true
        type: tiff
        if: identifier == "Exif"
      - id: xmp
        type: str
        size-eos: true
        encoding: UTF-8
        if: identifier == "http://ns.adobe.com/xap/1.0/"
      - id: data
        size-eos: true
        if: identifier != "Exif" and identifier != "http://ns.adobe.com/xap/1.0/"
  app2:
    -webide-representation: '{identifier}'
    seq:
      - id: identifier
        type: strz
        eos-error: false
      - id: chunk_number
        doc: Starts at 1.
        type: u1
        if: identifier == "ICC_PROFILE"
      - id: num_chunks
        type: u1
        if: identifier == "ICC_PROFILE"
      - id: data
        size-eos: true
  app13:
    -webide-representation: '{identifier}'
    seq:
      - id: identifier
        type: strz
        eos-error: false
      - id: data
        size-eos: true
        type:
          switch-on: identifier
          cases:
            '"Photoshop 3.0"': image_resources
  image_resources:
    seq:
      - id: entries
        type: image_resource
        repeat: eos
  image_resource:
    -webide-representation: '{id} {len_body} bytes'
    seq:
      - id: signature
        type: str
        size: 4
      - id: id
        type: u2
        enum: image_resource_id
      - id: len_name
        type: u1
      - id: name
        type: str
        size: len_name
      - id: name_padding
        size: 1 - len_name % 2
      - id: len_body
        type: u4
      - id: body
        size: len_body
      - id: padding
        size: 1
        if: len_body % 2 == 1 and not _io.eof
  adobe:
    -webide-representation: '{identifier} {transform}'
    seq:
      - id: identifier
        type: str
        size: '_io.size < 5 ? _io.size : 5'
      - id: version
        type: u2
        if: identifier == "Adobe"
      - id: flags_0
        type: u2
        if: identifier == "Adobe"
      - id: flags_1
        type: u2
        if: identifier == "Adobe"
      - id: transform
        type: u1
        enum: color_transform
        if: identifier == "Adobe"
      - id: data
        size-eos: true
  tiff:
    doc: Camera tags in TIFF format; offsets are relative to this field.
    seq:
      - id: byte_order
        type: u2
        enum: byte_order
        valid: { any-of: ['byte_order::le', 'byte_order::be'] }
      - id: body
        type: tiff_body
    types:
      tiff_body:
        meta:
          endian:
            switch-on: _parent.byte_order
            cases:
              'byte_order::le': le
              'byte_order::be': be
        seq:
          - id: version
            type: u2
            valid: 42
          - id: ofs_directory
            type: u4
        instances:
          directory:
            pos: ofs_directory
            type: directory(false)
            if: ofs_directory != 0
        types:
          directory:
            params:
              - id: is_gps
                type: bool
            seq:
              - id: num_entries
                type: u2
              - id: entries
                type: entry
                size: 12
                repeat: expr
                repeat-expr: num_entries
              - id: ofs_next
                doc: 0 in the last directory. Not reliable in nested directories.
                type: u4
            instances:
              next:
                pos: ofs_next
                type: directory(false)
                if: ofs_next >= 8 and ofs_next <= _io.size - 6
          entry:
            -webide-representation: '{tag} {gps_tag} {type} {value}{text}{numbers}'
            seq:
              - id: tag
                type: u2
                enum: tag
              - id: type
                type: u2
                enum: value_type
              - id: num_values
                type: u4
              - id: value_field
                size: 4
            instances:
              gps_tag:
                value: tag.to_i
                enum: gps_tag
                if: _parent.is_gps
              len_value:
                doc: Length of one value.
                value: |
                  type == value_type::u2 or type == value_type::s2 ? 2
                    : type == value_type::u4 or type == value_type::s4
                      or type == value_type::f4 or type == value_type::ifd ? 4
                    : type == value_type::rational or type == value_type::signed_rational
                      or type == value_type::f8 ? 8 : 1
              len_values:
                value: len_value * num_values
              is_inline:
                value: len_values <= 4
              ofs_values:
                pos: 8
                type: u4
              value:
                doc: The value, if it is a single small number.
                pos: 8
                type:
                  switch-on: type
                  cases:
                    'value_type::u1': u1
                    'value_type::u2': u2
                    'value_type::u4': u4
                    'value_type::ifd': u4
                    'value_type::s1': s1
                    'value_type::s2': s2
                    'value_type::s4': s4
                if: |
                  num_values == 1 and is_inline and len_value != 8 and type != value_type::f4
                    and type != value_type::text and type != value_type::undefined
              text:
                io: _parent._io
                pos: ofs_values
                size: len_values
                type: strz
                eos-error: false
                if: type == value_type::text and not is_inline
              numbers:
                io: _parent._io
                pos: ofs_values
                type:
                  switch-on: type
                  cases:
                    'value_type::u1': u1
                    'value_type::s1': s1
                    'value_type::u2': u2
                    'value_type::s2': s2
                    'value_type::u4': u4
                    'value_type::s4': s4
                    'value_type::f4': f4
                    'value_type::f8': f8
                    'value_type::rational': rational
                    'value_type::signed_rational': signed_rational
                repeat: expr
                repeat-expr: num_values
                if: not is_inline and type != value_type::text and type != value_type::undefined
              bytes:
                io: _parent._io
                pos: ofs_values
                size: len_values
                if: not is_inline and type == value_type::undefined
              directory:
                io: _parent._io
                pos: ofs_values
                type: directory(tag == tag::gps_ifd)
                if: tag == tag::exif_ifd or tag == tag::gps_ifd or tag == tag::interoperability_ifd
          rational:
            -webide-representation: '{numerator:dec}/{denominator:dec}'
            seq:
              - id: numerator
                type: u4
              - id: denominator
                type: u4
          signed_rational:
            -webide-representation: '{numerator:dec}/{denominator:dec}'
            seq:
              - id: numerator
                type: s4
              - id: denominator
                type: s4
enums:
  marker:
    0x01: tem
    0xc0: sof0
    0xc1: sof1
    0xc2: sof2
    0xc3: sof3
    0xc4: dht
    0xc5: sof5
    0xc6: sof6
    0xc7: sof7
    0xc8: jpg
    0xc9: sof9
    0xca: sof10
    0xcb: sof11
    0xcc: dac
    0xcd: sof13
    0xce: sof14
    0xcf: sof15
    0xd0: rst0
    0xd1: rst1
    0xd2: rst2
    0xd3: rst3
    0xd4: rst4
    0xd5: rst5
    0xd6: rst6
    0xd7: rst7
    0xd8: soi
    0xd9: eoi
    0xda: sos
    0xdb: dqt
    0xdc: dnl
    0xdd: dri
    0xde: dhp
    0xdf: exp
    0xe0: app0
    0xe1: app1
    0xe2: app2
    0xe3: app3
    0xe4: app4
    0xe5: app5
    0xe6: app6
    0xe7: app7
    0xe8: app8
    0xe9: app9
    0xea: app10
    0xeb: app11
    0xec: app12
    0xed: app13
    0xee: app14
    0xef: app15
    0xfe: com
  density_unit:
    0: none
    1: inch
    2: centimeter
  huffman_class:
    0: dc
    1: ac
  color_transform:
    0: none
    1: ycbcr
    2: ycck
  byte_order:
    0x4949: le
    0x4d4d: be
  image_resource_id:
    1005: resolution
    1028: iptc
    1033: thumbnail_4
    1034: copyright_flag
    1035: url
    1036: thumbnail
    1037: global_angle
    1039: icc_profile
    1044: document_id_seed
    1049: global_altitude
    1050: slices
    1057: version
    1058: exif
    1060: xmp
    1061: caption_digest
    1062: print_scale
    10000: print_flags
  value_type:
    1: u1
    2: text
    3: u2
    4: u4
    5: rational
    6: s1
    7: undefined
    8: s2
    9: s4
    10: signed_rational
    11: f4
    12: f8
    13: ifd
  gps_tag:
    0: version_id
    1: latitude_ref
    2: latitude
    3: longitude_ref
    4: longitude
    5: altitude_ref
    6: altitude
    7: time_stamp
    8: satellites
    9: status
    10: measure_mode
    11: dilution_of_precision
    12: speed_ref
    13: speed
    14: track_ref
    15: track
    16: image_direction_ref
    17: image_direction
    18: map_datum
    19: destination_latitude_ref
    20: destination_latitude
    21: destination_longitude_ref
    22: destination_longitude
    23: destination_bearing_ref
    24: destination_bearing
    25: destination_distance_ref
    26: destination_distance
    27: processing_method
    28: area_information
    29: date_stamp
    30: differential
    31: horizontal_error
  tag:
    0x0100: image_width
    0x0101: image_length
    0x0102: bits_per_sample
    0x0103: compression
    0x0106: photometric_interpretation
    0x010e: image_description
    0x010f: make
    0x0110: model
    0x0111: strip_offsets
    0x0112: orientation
    0x0115: samples_per_pixel
    0x0116: rows_per_strip
    0x0117: strip_byte_counts
    0x011a: x_resolution
    0x011b: y_resolution
    0x011c: planar_configuration
    0x0128: resolution_unit
    0x012d: transfer_function
    0x0131: software
    0x0132: date_time
    0x013b: artist
    0x013e: white_point
    0x013f: primary_chromaticities
    0x0201: jpeg_offset
    0x0202: jpeg_length
    0x0211: ycbcr_coefficients
    0x0212: ycbcr_sub_sampling
    0x0213: ycbcr_positioning
    0x0214: reference_black_white
    0x8298: copyright
    0x829a: exposure_time
    0x829d: f_number
    0x8769: exif_ifd
    0x8822: exposure_program
    0x8825: gps_ifd
    0x8827: iso_speed
    0x9000: exif_version
    0x9003: date_time_original
    0x9004: date_time_digitized
    0x9010: offset_time
    0x9101: components_configuration
    0x9102: compressed_bits_per_pixel
    0x9201: shutter_speed
    0x9202: aperture
    0x9203: brightness
    0x9204: exposure_bias
    0x9205: max_aperture
    0x9206: subject_distance
    0x9207: metering_mode
    0x9208: light_source
    0x9209: flash
    0x920a: focal_length
    0x927c: maker_note
    0x9286: user_comment
    0x9290: sub_sec_time
    0xa000: flashpix_version
    0xa001: color_space
    0xa002: pixel_x_dimension
    0xa003: pixel_y_dimension
    0xa005: interoperability_ifd
    0xa20e: focal_plane_x_resolution
    0xa20f: focal_plane_y_resolution
    0xa210: focal_plane_resolution_unit
    0xa217: sensing_method
    0xa300: file_source
    0xa301: scene_type
    0xa401: custom_rendered
    0xa402: exposure_mode
    0xa403: white_balance
    0xa404: digital_zoom
    0xa405: focal_length_35mm
    0xa406: scene_capture
    0xa407: gain_control
    0xa408: contrast
    0xa409: saturation
    0xa40a: sharpness
    0xa40c: subject_distance_range
    0xa420: image_unique_id
    0xa430: camera_owner
    0xa431: body_serial_number
    0xc4a5: print_image_matching
    0xa432: lens_specification
    0xa433: lens_make
    0xa434: lens_model
