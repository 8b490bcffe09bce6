# Recognised by "ftyp" at 4. Older QuickTime files start with another box, such as "moov".
meta:
  id: mp4
  title: ISO base media (MP4, MOV, M4A, 3GP, HEIF)
  file-extension: [mp4, m4a, m4v, m4b, mov, qt, 3gp, 3g2, mp4v, ismv, f4v, heic, heif, avif, cmfv, cmfa]
  license: MIT OR Apache-2.0
  endian: be
  encoding: UTF-8
  bit-endian: be
  -lazyhex-magic:
    - { at: 4, bytes: [0x66, 0x74, 0x79, 0x70] }
doc: A tree of boxes. The tables in `moov` say where in `mdat` the samples are.
doc-ref:
  - https://www.iso.org/standard/83102.html
  - https://developer.apple.com/documentation/quicktime-file-format
seq:
  - id: boxes
    type: box("")
    repeat: until
    repeat-until: _io.size - _io.pos < 8
  - id: padding
    size-eos: true
types:
  box:
    -webide-representation: '{type} {len_body} bytes {body}'
    params:
      - id: container_type
        type: str
    seq:
      - id: len_field
        -orig-id: size
        doc: 1 if a 64-bit length follows the type, 0 if the box extends to the end.
        type: u4
      - id: type
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: len_large
        -orig-id: largesize
        type: u8
        if: len_field == 1
      - id: user_type
        -orig-id: usertype
        size: 16
        -lazyhex-as: uuid
        if: type == "uuid"
      - id: body
        size: len_body
        type:
          switch-on: |
            container_type == "stsd" ? "stsd/" + type
              : container_type == "ilst" or container_type == "tref" ? "in " + container_type
              : container_type == "wave" and type == "mp4a" ? "" : type
          cases:
            '"ftyp"': file_type
            '"styp"': file_type
            '"mvhd"': movie_header
            '"tkhd"': track_header
            '"mdhd"': media_header
            '"hdlr"': handler
            '"vmhd"': video_media_header
            '"smhd"': sound_media_header
            '"dref"': box_list
            '"stsd"': box_list
            '"url "': data_entry
            '"urn "': data_entry
            '"stts"': time_to_sample
            '"ctts"': composition_offsets
            '"cslg"': composition_to_decode
            '"stss"': sync_samples
            '"stsc"': sample_to_chunk
            '"stsz"': sample_sizes
            '"stz2"': compact_sample_sizes
            '"stco"': chunk_offsets_32
            '"co64"': chunk_offsets_64
            '"elst"': edit_list
            '"sdtp"': sample_dependencies
            '"sbgp"': sample_to_group
            '"mehd"': movie_extends_header
            '"trex"': track_extends
            '"mfhd"': fragment_header
            '"tfhd"': track_fragment_header
            '"tfdt"': track_fragment_time
            '"trun"': track_run
            '"tfra"': random_access
            '"mfro"': random_access_offset
            '"sidx"': segment_index
            '"pssh"': protection_system
            '"saiz"': auxiliary_sizes
            '"saio"': auxiliary_offsets
            '"frma"': original_format
            '"schm"': scheme_type
            '"tenc"': track_encryption
            '"colr"': color_information
            '"pasp"': pixel_aspect_ratio
            '"clap"': clean_aperture
            '"btrt"': bit_rate
            '"avcC"': avc_configuration
            '"hvcC"': hevc_configuration
            '"av1C"': av1_configuration
            '"vpcC"': vp_configuration
            '"dOps"': opus_configuration
            '"esds"': elementary_stream
            '"meta"': meta
            '"ilst"': container
            '"tref"': container
            '"wave"': container
            '"keys"': metadata_keys
            '"data"': metadata_value
            '"mean"': full_text
            '"name"': full_text
            '"cprt"': copyright
            '"emsg"': event_message
            '"prft"': producer_time
            '"pitm"': primary_item
            '"iinf"': item_information
            '"infe"': item_entry
            '"ispe"': image_size
            '"pixi"': pixel_information
            '"irot"': image_rotation
            '"moov"': container
            '"trak"': container
            '"mdia"': container
            '"minf"': container
            '"stbl"': container
            '"dinf"': container
            '"edts"': container
            '"mvex"': container
            '"moof"': container
            '"traf"': container
            '"mfra"': container
            '"udta"': container
            '"sinf"': container
            '"schi"': container
            '"gmhd"': container
            '"iprp"': container
            '"ipco"': container
            '"strk"': container
            '"strd"': container
            '"meco"': container
            '"tapt"': container
            '"stsd/avc1"': visual_sample_entry
            '"stsd/avc2"': visual_sample_entry
            '"stsd/avc3"': visual_sample_entry
            '"stsd/avc4"': visual_sample_entry
            '"stsd/hvc1"': visual_sample_entry
            '"stsd/hev1"': visual_sample_entry
            '"stsd/dvh1"': visual_sample_entry
            '"stsd/dvhe"': visual_sample_entry
            '"stsd/mp4v"': visual_sample_entry
            '"stsd/av01"': visual_sample_entry
            '"stsd/vp08"': visual_sample_entry
            '"stsd/vp09"': visual_sample_entry
            '"stsd/encv"': visual_sample_entry
            '"stsd/s263"': visual_sample_entry
            '"stsd/jpeg"': visual_sample_entry
            '"stsd/mjpa"': visual_sample_entry
            '"stsd/apch"': visual_sample_entry
            '"stsd/apcn"': visual_sample_entry
            '"stsd/apcs"': visual_sample_entry
            '"stsd/apco"': visual_sample_entry
            '"stsd/ap4h"': visual_sample_entry
            '"stsd/mp4a"': audio_sample_entry
            '"stsd/ac-3"': audio_sample_entry
            '"stsd/ec-3"': audio_sample_entry
            '"stsd/ac-4"': audio_sample_entry
            '"stsd/Opus"': audio_sample_entry
            '"stsd/fLaC"': audio_sample_entry
            '"stsd/enca"': audio_sample_entry
            '"stsd/alac"': audio_sample_entry
            '"stsd/samr"': audio_sample_entry
            '"stsd/sawb"': audio_sample_entry
            '"stsd/twos"': audio_sample_entry
            '"stsd/sowt"': audio_sample_entry
            '"stsd/lpcm"': audio_sample_entry
            '"stsd/ipcm"': audio_sample_entry
            '"stsd/fpcm"': audio_sample_entry
            '"stsd/in24"': audio_sample_entry
            '"stsd/in32"': audio_sample_entry
            '"stsd/fl32"': audio_sample_entry
            '"stsd/fl64"': audio_sample_entry
            '"stsd/raw "': audio_sample_entry
            '"stsd/ulaw"': audio_sample_entry
            '"stsd/alaw"': audio_sample_entry
            '"stsd/.mp3"': audio_sample_entry
            '"stsd/dtsc"': audio_sample_entry
            '"stsd/dtse"': audio_sample_entry
            '"stsd/dtsh"': audio_sample_entry
            '"stsd/dtsl"': audio_sample_entry
            '"in ilst"': container
            '"in tref"': track_ids
    instances:
      len_body:
        doc: Evaluated where the body starts.
        value: |
          len_field == 0 ? _io.size - _io.pos
            : (len_field == 1 ? len_large - 16 : len_field - 8) - (type == "uuid" ? 16 : 0)
  container:
    seq:
      - id: boxes
        type: box(_parent.type)
        repeat: until
        repeat-until: _io.size - _io.pos < 8
        if: _io.size >= 8
      - id: padding
        doc: QuickTime ends some lists with four zero bytes.
        size-eos: true
  meta:
    doc: Metadata. QuickTime has no version and flags here.
    seq:
      - id: version
        type: u1
        if: not is_quicktime
      - id: flags
        type: b24
        if: not is_quicktime
      - id: boxes
        type: box("meta")
        repeat: until
        repeat-until: _io.size - _io.pos < 8
        if: _io.size - _io.pos >= 8
      - id: padding
        size-eos: true
    instances:
      is_quicktime:
        value: '_io.size >= 8 ? second_word == 0x68646c72 : false'
      second_word:
        pos: 4
        type: u4
  box_list:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_boxes
        -orig-id: entry_count
        type: u4
      - id: boxes
        type: box(_parent.type)
        repeat: expr
        repeat-expr: num_boxes
      - id: padding
        size-eos: true
  file_type:
    -webide-representation: '{major_brand}'
    seq:
      - id: major_brand
        type: str
        size: 4
      - id: minor_version
        type: u4
      - id: compatible_brands
        type: str
        size: 4
        repeat: eos
  matrix:
    doc: Transformation; u, v and w are 2.30 fixed point, the others 16.16.
    seq:
      - id: a
        type: s4
      - id: b
        type: s4
      - id: u
        type: s4
      - id: c
        type: s4
      - id: d
        type: s4
      - id: v
        type: s4
      - id: x
        type: s4
      - id: y
        type: s4
      - id: w
        type: s4
  movie_header:
    -webide-representation: '{seconds} s'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: creation_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
        -lazyhex-as: mac
      - id: modification_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
        -lazyhex-as: mac
      - id: timescale
        doc: Time units per second.
        type: u4
      - id: duration
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: rate
        doc: 16.16 fixed point.
        type: s4
      - id: volume
        doc: 8.8 fixed point.
        type: s2
      - id: reserved
        size: 10
      - id: matrix
        type: matrix
      - id: pre_defined
        size: 24
      - id: next_track_id
        type: u4
    instances:
      seconds:
        value: duration / (timescale * 1.0)
        if: timescale != 0
  track_header:
    -webide-representation: 'track {track_id}, {width} x {height}'
    seq:
      - id: version
        type: u1
      - id: reserved_flags
        type: b20
      - id: is_size_aspect_ratio
        type: b1
      - id: is_in_preview
        type: b1
      - id: is_in_movie
        type: b1
      - id: is_enabled
        type: b1
      - id: creation_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
        -lazyhex-as: mac
      - id: modification_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
        -lazyhex-as: mac
      - id: track_id
        type: u4
      - id: reserved_1
        size: 4
      - id: duration
        doc: In the movie time scale.
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: reserved_2
        size: 8
      - id: layer
        type: s2
      - id: alternate_group
        type: s2
      - id: volume
        type: s2
      - id: reserved_3
        size: 2
      - id: matrix
        type: matrix
      - id: width_field
        doc: 16.16 fixed point.
        type: u4
      - id: height_field
        type: u4
    instances:
      width:
        value: width_field / 65536.0
      height:
        value: height_field / 65536.0
  media_header:
    -webide-representation: '{seconds} s {language}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: creation_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
        -lazyhex-as: mac
      - id: modification_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
        -lazyhex-as: mac
      - id: timescale
        doc: Time units per second.
        type: u4
      - id: duration
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: pad
        type: b1
      - id: language_letters
        doc: Letters of the language code, minus 0x60.
        type: b5
        repeat: expr
        repeat-expr: 3
      - id: pre_defined
        type: u2
    instances:
      seconds:
        value: duration / (timescale * 1.0)
        if: timescale != 0
      language:
        doc: ISO 639-2 code.
        value: |
          "`abcdefghijklmnopqrstuvwxyz?????".substring(language_letters[0], language_letters[0] + 1)
            + "`abcdefghijklmnopqrstuvwxyz?????".substring(language_letters[1], language_letters[1] + 1)
            + "`abcdefghijklmnopqrstuvwxyz?????".substring(language_letters[2], language_letters[2] + 1)
  handler:
    -webide-representation: '{handler_type} {name}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: component_type
        doc: Zero except in QuickTime.
        type: u4
      - id: handler_type
        doc: vide (video), soun (sound), text, subt or meta.
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: reserved
        size: 12
      - id: name
        doc: In QuickTime it starts with its length.
        type: strz
        eos-error: false
  video_media_header:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: graphics_mode
        type: u2
      - id: op_color
        type: u2
        repeat: expr
        repeat-expr: 3
  sound_media_header:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: balance
        type: s2
      - id: reserved
        type: u2
  data_entry:
    -webide-representation: '{location}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: location
        doc: 'Absent if flag 1 is set: the media is in this file.'
        type: strz
        eos-error: false
        if: not _io.eof
  time_to_sample:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_entries
        type: u4
      - id: entries
        type: time_to_sample_entry
        repeat: expr
        repeat-expr: num_entries
  time_to_sample_entry:
    -webide-representation: '{num_samples:dec} x {delta:dec}'
    seq:
      - id: num_samples
        type: u4
      - id: delta
        type: u4
  composition_offsets:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_entries
        type: u4
      - id: entries
        type: composition_offset
        repeat: expr
        repeat-expr: num_entries
  composition_offset:
    -webide-representation: '{num_samples:dec} x {offset:dec}'
    seq:
      - id: num_samples
        type: u4
      - id: offset
        doc: Unsigned in version 0, but many writers store signed values.
        type: s4
  composition_to_decode:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: shift
        type: { switch-on: version, cases: { 1: s8, _: s4 } }
      - id: least_delta
        type: { switch-on: version, cases: { 1: s8, _: s4 } }
      - id: greatest_delta
        type: { switch-on: version, cases: { 1: s8, _: s4 } }
      - id: start_time
        type: { switch-on: version, cases: { 1: s8, _: s4 } }
      - id: end_time
        type: { switch-on: version, cases: { 1: s8, _: s4 } }
  sync_samples:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_entries
        type: u4
      - id: sample_numbers
        doc: Sync samples (key frames), numbered from 1.
        type: u4
        repeat: expr
        repeat-expr: num_entries
  sample_to_chunk:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_entries
        type: u4
      - id: entries
        type: sample_to_chunk_entry
        repeat: expr
        repeat-expr: num_entries
  sample_to_chunk_entry:
    -webide-representation: 'from chunk {first_chunk:dec} {samples_per_chunk:dec} samples'
    seq:
      - id: first_chunk
        type: u4
      - id: samples_per_chunk
        type: u4
      - id: sample_description_index
        type: u4
  sample_sizes:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: len_sample
        -orig-id: sample_size
        doc: Size of every sample; 0 if sizes differ.
        type: u4
      - id: num_samples
        type: u4
      - id: len_samples
        type: u4
        repeat: expr
        repeat-expr: num_samples
        if: len_sample == 0
  compact_sample_sizes:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: reserved
        size: 3
      - id: num_bits
        -orig-id: field_size
        type: u1
        valid: { any-of: [4, 8, 16] }
      - id: num_samples
        type: u4
      - id: len_samples_4
        type: b4
        repeat: expr
        repeat-expr: num_samples
        if: num_bits == 4
      - id: len_samples_8
        type: u1
        repeat: expr
        repeat-expr: num_samples
        if: num_bits == 8
      - id: len_samples_16
        type: u2
        repeat: expr
        repeat-expr: num_samples
        if: num_bits == 16
  chunk_offsets_32:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_chunks
        type: u4
      - id: ofs_chunks
        type: u4
        repeat: expr
        repeat-expr: num_chunks
  chunk_offsets_64:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_chunks
        type: u4
      - id: ofs_chunks
        type: u8
        repeat: expr
        repeat-expr: num_chunks
  edit_list:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_entries
        type: u4
      - id: entries
        type: edit(version)
        size: 'version == 1 ? 20 : 12'
        repeat: expr
        repeat-expr: num_entries
  edit:
    -webide-representation: '{segment_duration} from {media_time}'
    params:
      - id: version
        type: u1
    seq:
      - id: segment_duration
        doc: In the movie time scale.
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: media_time
        doc: In the media time scale; -1 for an empty edit.
        type: { switch-on: version, cases: { 1: s8, _: s4 } }
      - id: media_rate_integer
        type: s2
      - id: media_rate_fraction
        type: s2
  sample_dependencies:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: samples
        type: sample_dependency
        repeat: eos
  sample_dependency:
    seq:
      - id: is_leading
        type: b2
      - id: depends_on
        type: b2
      - id: is_depended_on
        type: b2
      - id: has_redundancy
        type: b2
  sample_to_group:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: grouping_type
        type: str
        size: 4
      - id: grouping_type_parameter
        type: u4
        if: version == 1
      - id: num_entries
        type: u4
      - id: entries
        type: sample_group
        repeat: expr
        repeat-expr: num_entries
  sample_group:
    seq:
      - id: num_samples
        type: u4
      - id: group_description_index
        type: u4
  movie_extends_header:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: fragment_duration
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
  track_extends:
    -webide-representation: 'track {track_id}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: track_id
        type: u4
      - id: default_sample_description_index
        type: u4
      - id: default_sample_duration
        type: u4
      - id: default_len_sample
        type: u4
      - id: default_sample_flags
        type: u4
  fragment_header:
    -webide-representation: 'fragment {sequence_number:dec}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: sequence_number
        type: u4
  track_fragment_header:
    -webide-representation: 'track {track_id}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: track_id
        type: u4
      - id: base_data_offset
        type: u8
        if: flags & 1 != 0
      - id: sample_description_index
        type: u4
        if: flags & 2 != 0
      - id: default_sample_duration
        type: u4
        if: flags & 8 != 0
      - id: default_len_sample
        type: u4
        if: flags & 0x10 != 0
      - id: default_sample_flags
        type: u4
        if: flags & 0x20 != 0
  track_fragment_time:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: base_media_decode_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
  track_run:
    -webide-representation: '{num_samples} samples'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_samples
        type: u4
      - id: ofs_data
        doc: Usually from the start of the fragment.
        type: s4
        if: flags & 1 != 0
      - id: first_sample_flags
        type: u4
        if: flags & 4 != 0
      - id: samples
        type: run_sample(flags)
        size: len_entry
        repeat: expr
        repeat-expr: num_samples
        if: len_entry != 0
    instances:
      len_entry:
        value: |
          (flags & 0x100 != 0 ? 4 : 0) + (flags & 0x200 != 0 ? 4 : 0)
            + (flags & 0x400 != 0 ? 4 : 0) + (flags & 0x800 != 0 ? 4 : 0)
  run_sample:
    -webide-representation: '{len_sample} bytes for {duration}'
    params:
      - id: run_flags
        type: u4
    seq:
      - id: duration
        type: u4
        if: run_flags & 0x100 != 0
      - id: len_sample
        type: u4
        if: run_flags & 0x200 != 0
      - id: flags
        type: u4
        if: run_flags & 0x400 != 0
      - id: composition_offset
        type: s4
        if: run_flags & 0x800 != 0
  random_access:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: track_id
        type: u4
      - id: reserved
        type: b26
      - id: len_traf_number
        doc: Bytes per number, minus 1; likewise the next two fields.
        type: b2
      - id: len_trun_number
        type: b2
      - id: len_sample_number
        type: b2
      - id: num_entries
        type: u4
      - id: entries
        size: '(version == 1 ? 16 : 8) + len_traf_number + len_trun_number + len_sample_number + 3'
        type: random_access_entry(version)
        repeat: expr
        repeat-expr: num_entries
  random_access_entry:
    -webide-representation: '{time} at {ofs_moof}'
    params:
      - id: version
        type: u1
    seq:
      - id: time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: ofs_moof
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: numbers
        doc: Numbers of the traf, the trun and the sample.
        size-eos: true
  random_access_offset:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: len_mfra
        type: u4
  segment_index:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: reference_id
        type: u4
      - id: timescale
        type: u4
      - id: earliest_presentation_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: first_offset
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
      - id: reserved
        type: u2
      - id: num_references
        type: u2
      - id: references
        type: segment_reference
        repeat: expr
        repeat-expr: num_references
  segment_reference:
    -webide-representation: '{len_referenced} bytes for {subsegment_duration}'
    seq:
      - id: is_index
        type: b1
      - id: len_referenced
        type: b31
      - id: subsegment_duration
        type: u4
      - id: starts_with_sap
        type: b1
      - id: sap_type
        type: b3
      - id: sap_delta_time
        type: b28
  protection_system:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: system_id
        size: 16
        -lazyhex-as: uuid
      - id: num_key_ids
        type: u4
        if: version >= 1
      - id: key_ids
        size: 16
        repeat: expr
        repeat-expr: num_key_ids
        if: version >= 1
      - id: len_data
        type: u4
      - id: data
        size: len_data
  auxiliary_sizes:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: type
        type: str
        size: 4
        if: flags & 1 != 0
      - id: type_parameter
        type: u4
        if: flags & 1 != 0
      - id: default_len_info
        type: u1
      - id: num_samples
        type: u4
      - id: len_infos
        type: u1
        repeat: expr
        repeat-expr: num_samples
        if: default_len_info == 0
  auxiliary_offsets:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: type
        type: str
        size: 4
        if: flags & 1 != 0
      - id: type_parameter
        type: u4
        if: flags & 1 != 0
      - id: num_entries
        type: u4
      - id: offsets_32
        type: u4
        repeat: expr
        repeat-expr: num_entries
        if: version == 0
      - id: offsets_64
        type: u8
        repeat: expr
        repeat-expr: num_entries
        if: version != 0
  original_format:
    -webide-representation: '{data_format}'
    seq:
      - id: data_format
        type: str
        size: 4
  scheme_type:
    -webide-representation: '{scheme_type}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: scheme_type
        type: str
        size: 4
      - id: scheme_version
        type: u4
      - id: scheme_uri
        type: strz
        eos-error: false
        if: flags & 1 != 0
  track_encryption:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: reserved
        type: u1
      - id: num_crypt_blocks
        type: b4
      - id: num_skip_blocks
        type: b4
      - id: is_protected
        type: u1
      - id: len_initialization_vector
        type: u1
      - id: key_id
        size: 16
        -lazyhex-as: uuid
      - id: rest
        size-eos: true
  visual_sample_entry:
    -webide-representation: '{width} x {height}'
    seq:
      - id: reserved_1
        size: 6
      - id: data_reference_index
        type: u2
      - id: pre_defined_1
        size: 16
      - id: width
        type: u2
      - id: height
        type: u2
      - id: horizontal_resolution
        doc: Pixels per inch, 16.16 fixed point.
        type: u4
      - id: vertical_resolution
        type: u4
      - id: reserved_2
        type: u4
      - id: num_frames
        doc: Frames per sample.
        type: u2
      - id: len_compressor_name
        type: u1
      - id: compressor_name
        size: 31
        type: strz
        eos-error: false
      - id: depth
        type: u2
      - id: pre_defined_2
        type: s2
      - id: boxes
        type: box("")
        repeat: until
        repeat-until: _io.size - _io.pos < 8
        if: _io.size - _io.pos >= 8
      - id: padding
        size-eos: true
  audio_sample_entry:
    -webide-representation: '{num_channels} channels, {sample_rate} Hz'
    seq:
      - id: reserved_1
        size: 6
      - id: data_reference_index
        type: u2
      - id: version
        doc: Not 0 only in QuickTime.
        type: u2
      - id: revision
        type: u2
      - id: vendor
        size: 4
      - id: num_channels
        type: u2
      - id: sample_size
        doc: In bits.
        type: u2
      - id: compression_id
        type: s2
      - id: packet_size
        type: u2
      - id: sample_rate_field
        doc: 16.16 fixed point.
        type: u4
      - id: quicktime_1
        type: quicktime_audio_1
        if: version == 1
      - id: quicktime_2
        type: quicktime_audio_2
        if: version == 2
      - id: boxes
        type: box("")
        repeat: until
        repeat-until: _io.size - _io.pos < 8
        if: _io.size - _io.pos >= 8
      - id: padding
        size-eos: true
    instances:
      sample_rate:
        value: sample_rate_field / 65536.0
  quicktime_audio_1:
    seq:
      - id: samples_per_packet
        type: u4
      - id: bytes_per_packet
        type: u4
      - id: bytes_per_frame
        type: u4
      - id: bytes_per_sample
        type: u4
  quicktime_audio_2:
    seq:
      - id: len_entry
        type: u4
      - id: sample_rate
        type: f8
      - id: num_channels
        type: u4
      - id: always_7f000000
        type: u4
      - id: bits_per_channel
        type: u4
      - id: format_flags
        type: u4
      - id: bytes_per_packet
        type: u4
      - id: frames_per_packet
        type: u4
  color_information:
    -webide-representation: '{color_type}'
    seq:
      - id: color_type
        type: str
        size: 4
      - id: color_primaries
        type: u2
        if: is_coded
      - id: transfer_characteristics
        type: u2
        if: is_coded
      - id: matrix_coefficients
        type: u2
        if: is_coded
      - id: is_full_range
        type: b1
        if: color_type == "nclx"
      - id: reserved
        type: b7
        if: color_type == "nclx"
      - id: profile
        size-eos: true
    instances:
      is_coded:
        value: color_type == "nclx" or color_type == "nclc"
  pixel_aspect_ratio:
    -webide-representation: '{horizontal_spacing:dec}:{vertical_spacing:dec}'
    seq:
      - id: horizontal_spacing
        type: u4
      - id: vertical_spacing
        type: u4
  clean_aperture:
    doc: Each number is a fraction, numerator first.
    seq:
      - id: width
        type: s4
        repeat: expr
        repeat-expr: 2
      - id: height
        type: s4
        repeat: expr
        repeat-expr: 2
      - id: horizontal_offset
        type: s4
        repeat: expr
        repeat-expr: 2
      - id: vertical_offset
        type: s4
        repeat: expr
        repeat-expr: 2
  bit_rate:
    -webide-representation: '{average_bit_rate:dec} bit/s'
    seq:
      - id: len_buffer
        type: u4
      - id: max_bit_rate
        type: u4
      - id: average_bit_rate
        type: u4
  nal_unit:
    seq:
      - id: len_body
        type: u2
      - id: body
        size: len_body
  avc_configuration:
    -webide-representation: 'profile {profile:dec} level {level:dec}'
    seq:
      - id: configuration_version
        type: u1
      - id: profile
        type: u1
      - id: profile_compatibility
        type: u1
      - id: level
        doc: Level times 10.
        type: u1
      - id: reserved_1
        type: b6
      - id: len_nal_length_less_1
        type: b2
      - id: reserved_2
        type: b3
      - id: num_sequence_parameter_sets
        type: b5
      - id: sequence_parameter_sets
        type: nal_unit
        repeat: expr
        repeat-expr: num_sequence_parameter_sets
      - id: num_picture_parameter_sets
        type: u1
      - id: picture_parameter_sets
        type: nal_unit
        repeat: expr
        repeat-expr: num_picture_parameter_sets
      - id: extension
        size-eos: true
  hevc_configuration:
    -webide-representation: 'profile {profile:dec} level {level:dec}'
    seq:
      - id: configuration_version
        type: u1
      - id: profile_space
        type: b2
      - id: tier
        type: b1
      - id: profile
        type: b5
      - id: profile_compatibility
        type: u4
      - id: constraints
        size: 6
      - id: level
        doc: Level times 30.
        type: u1
      - id: reserved_1
        type: b4
      - id: min_spatial_segmentation
        type: b12
      - id: reserved_2
        type: b6
      - id: parallelism
        type: b2
      - id: reserved_3
        type: b6
      - id: chroma_format
        type: b2
      - id: reserved_4
        type: b5
      - id: luma_bit_depth_less_8
        type: b3
      - id: reserved_5
        type: b5
      - id: chroma_bit_depth_less_8
        type: b3
      - id: average_frame_rate
        type: u2
      - id: constant_frame_rate
        type: b2
      - id: num_temporal_layers
        type: b3
      - id: is_temporal_id_nested
        type: b1
      - id: len_nal_length_less_1
        type: b2
      - id: num_arrays
        type: u1
      - id: arrays
        type: hevc_array
        repeat: expr
        repeat-expr: num_arrays
      - id: extension
        size-eos: true
  hevc_array:
    seq:
      - id: is_complete
        type: b1
      - id: reserved
        type: b1
      - id: nal_unit_type
        type: b6
      - id: num_nal_units
        type: u2
      - id: nal_units
        type: nal_unit
        repeat: expr
        repeat-expr: num_nal_units
  av1_configuration:
    seq:
      - id: marker
        type: b1
      - id: version
        type: b7
      - id: profile
        type: b3
      - id: level_index
        type: b5
      - id: tier
        type: b1
      - id: is_high_bit_depth
        type: b1
      - id: is_twelve_bit
        type: b1
      - id: is_monochrome
        type: b1
      - id: chroma_subsampling_x
        type: b1
      - id: chroma_subsampling_y
        type: b1
      - id: chroma_sample_position
        type: b2
      - id: reserved
        type: b3
      - id: has_presentation_delay
        type: b1
      - id: presentation_delay_less_1
        type: b4
      - id: configuration_obus
        size-eos: true
  vp_configuration:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: profile
        type: u1
      - id: level
        type: u1
      - id: bit_depth
        type: b4
      - id: chroma_subsampling
        type: b3
      - id: is_full_range
        type: b1
      - id: color_primaries
        type: u1
      - id: transfer_characteristics
        type: u1
      - id: matrix_coefficients
        type: u1
      - id: len_initialization_data
        type: u2
      - id: initialization_data
        size: len_initialization_data
  opus_configuration:
    seq:
      - id: version
        type: u1
      - id: num_channels
        type: u1
      - id: pre_skip
        type: u2
      - id: input_sample_rate
        type: u4
      - id: output_gain
        type: s2
      - id: channel_mapping_family
        type: u1
      - id: channel_mapping
        size-eos: true
  elementary_stream:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: descriptors
        type: descriptor
        repeat: eos
  descriptor:
    -webide-representation: '{tag}'
    seq:
      - id: tag
        type: u1
        enum: descriptor_tag
      - id: len_parts
        doc: Seven bits of the length per byte; the highest bit is set if another byte follows.
        type: u1
        repeat: until
        repeat-until: _ < 0x80
      - id: body
        size: 'len_body > _io.size - _io.pos ? _io.size - _io.pos : len_body'
        type:
          switch-on: tag
          cases:
            'descriptor_tag::es': es_descriptor
            'descriptor_tag::decoder_config': decoder_config
    instances:
      len_body:
        value: |
          (len_parts.size > 3 ? (len_parts[len_parts.size - 4] & 0x7f) * 0x200000 : 0)
            + (len_parts.size > 2 ? (len_parts[len_parts.size - 3] & 0x7f) * 0x4000 : 0)
            + (len_parts.size > 1 ? (len_parts[len_parts.size - 2] & 0x7f) * 0x80 : 0)
            + len_parts.last
  es_descriptor:
    seq:
      - id: es_id
        type: u2
      - id: depends_on_another
        type: b1
      - id: has_url
        type: b1
      - id: has_clock
        type: b1
      - id: priority
        type: b5
      - id: depends_on_es_id
        type: u2
        if: depends_on_another
      - id: len_url
        type: u1
        if: has_url
      - id: url
        type: str
        size: len_url
        if: has_url
      - id: clock_es_id
        type: u2
        if: has_clock
      - id: descriptors
        type: descriptor
        repeat: eos
  decoder_config:
    -webide-representation: '{object_type} {average_bit_rate:dec} bit/s'
    seq:
      - id: object_type
        type: u1
        enum: object_type
      - id: stream_type
        type: b6
        enum: stream_type
      - id: is_up_stream
        type: b1
      - id: reserved
        type: b1
      - id: len_buffer
        type: b24
      - id: max_bit_rate
        type: u4
      - id: average_bit_rate
        type: u4
      - id: descriptors
        type: descriptor
        repeat: eos
  track_ids:
    seq:
      - id: track_ids
        type: u4
        repeat: eos
  metadata_keys:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_entries
        type: u4
      - id: entries
        type: metadata_key
        repeat: expr
        repeat-expr: num_entries
  metadata_key:
    -webide-representation: '{name}'
    seq:
      - id: len_key
        type: u4
      - id: key_namespace
        type: str
        size: 4
      - id: name
        type: str
        size: len_key - 8
  metadata_value:
    -webide-representation: '{type} {body}'
    seq:
      - id: type
        type: u4
        enum: metadata_type
      - id: locale
        type: u4
      - id: body
        size-eos: true
        type:
          switch-on: type
          cases:
            'metadata_type::utf_8': plain_text
  plain_text:
    -webide-representation: '{text}'
    seq:
      - id: text
        type: str
        size-eos: true
  full_text:
    -webide-representation: '{text}'
    seq:
      - id: version_and_flags
        type: u4
        if: has_version
      - id: text
        type: str
        size-eos: true
    instances:
      has_version:
        doc: QuickTime writes no version before a name.
        value: '_io.size >= 4 ? first_byte == 0 : false'
      first_byte:
        pos: 0
        type: u1
  copyright:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: language
        type: u2
      - id: notice
        type: str
        size-eos: true
  event_message:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: body
        size-eos: true
  producer_time:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: track_id
        type: u4
      - id: ntp_timestamp
        doc: Seconds since 1900, 32.32 fixed point.
        type: u8
      - id: media_time
        type: { switch-on: version, cases: { 1: u8, _: u4 } }
  primary_item:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: item_id
        type: { switch-on: version, cases: { 0: u2, _: u4 } }
  item_information:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_items
        type: { switch-on: version, cases: { 0: u2, _: u4 } }
      - id: boxes
        type: box("iinf")
        repeat: expr
        repeat-expr: num_items
  item_entry:
    -webide-representation: '{item_id} {item_type} {item_name}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: item_id
        type: { switch-on: version, cases: { 3: u4, _: u2 } }
      - id: protection_index
        type: u2
      - id: item_type
        type: str
        size: 4
        if: version >= 2
      - id: item_name
        type: strz
        eos-error: false
      - id: rest
        size-eos: true
  image_size:
    -webide-representation: '{width} x {height}'
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: width
        type: u4
      - id: height
        type: u4
  pixel_information:
    seq:
      - id: version
        type: u1
      - id: flags
        type: b24
      - id: num_channels
        type: u1
      - id: bits_per_channel
        type: u1
        repeat: expr
        repeat-expr: num_channels
  image_rotation:
    seq:
      - id: reserved
        type: b6
      - id: quarter_turns
        doc: Anticlockwise.
        type: b2
enums:
  descriptor_tag:
    1: object
    2: initial_object
    3: es
    4: decoder_config
    5: decoder_specific
    6: sl_config
    0x0e: es_id_inc
    0x0f: es_id_ref
    0x10: mp4_initial_object
  object_type:
    0x20: mpeg_4_visual
    0x21: avc
    0x23: hevc
    0x40: mpeg_4_audio
    0x60: mpeg_2_simple
    0x61: mpeg_2_main
    0x66: mpeg_2_aac_main
    0x67: mpeg_2_aac_lc
    0x68: mpeg_2_aac_ssr
    0x69: mpeg_2_audio
    0x6a: mpeg_1_video
    0x6b: mpeg_1_audio
    0x6c: jpeg
    0x6d: png
    0xa5: ac_3
    0xa6: eac_3
    0xa9: dts
    0xad: opus
    0xb1: vp9
  stream_type:
    1: object_descriptor
    2: clock_reference
    3: scene_description
    4: visual
    5: audio
    6: mpeg_7
    7: ipmp
  metadata_type:
    0: implicit
    1: utf_8
    2: utf_16
    13: jpeg
    14: png
    21: signed_integer
    22: unsigned_integer
    23: float_32
    24: float_64
    27: bmp
    67: integer_64
    74: integer_32
