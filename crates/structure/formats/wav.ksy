# Recognised by "RIFF", or by "RF64" in larger files, and by "WAVE" after the length.
meta:
  id: wav
  title: Waveform audio (WAV, RIFF)
  file-extension: [wav, wave, bwf, rf64]
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
  -lazyhex-magic:
    - { at: 0, bytes: "RIFF", and: [{ at: 8, bytes: "WAVE" }] }
    - { at: 0, bytes: "RF64", and: [{ at: 8, bytes: "WAVE" }] }
    - { at: 0, bytes: "BW64", and: [{ at: 8, bytes: "WAVE" }] }
doc: Sound as a list of chunks. Other RIFF forms are shown as well.
doc-ref:
  - https://www.mmsp.ece.mcgill.ca/Documents/AudioFormats/WAVE/Docs/riffmci.pdf
  - https://tech.ebu.ch/docs/tech/tech3285.pdf
  - https://tech.ebu.ch/docs/tech/tech3306v1_1.pdf
seq:
  - id: magic
    doc: RF64 and BW64 store lengths in the ds64 chunk.
    type: str
    size: 4
    valid: { any-of: ['"RIFF"', '"RF64"', '"BW64"'] }
  - id: len_form
    doc: Length of the rest; 0xffffffff if it is in the ds64 chunk or unknown.
    type: u4
  - id: form
    type: str
    size: 4
  - id: chunks
    type: chunk
    repeat: eos
instances:
  has_64_bit_lengths:
    value: magic != "RIFF"
  lengths:
    doc: The first chunk of an RF64 file.
    pos: 20
    type: lengths
    if: has_64_bit_lengths
types:
  chunk:
    -webide-representation: '{id} {len_body} bytes {body}'
    seq:
      - id: id
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: len_field
        type: u4
      - id: body
        doc: Stops at the end of the file if the length is larger, as in a file that is still being written.
        size: 'len_body > _io.size - _io.pos ? _io.size - _io.pos : len_body'
        type:
          switch-on: id
          cases:
            '"fmt "': format
            '"fact"': fact
            '"LIST"': list
            '"cue "': cue_points
            '"smpl"': sampler
            '"inst"': instrument
            '"bext"': broadcast_extension
            '"ds64"': lengths
            '"iXML"': text
            '"axml"': text
            '"PEAK"': peaks
      - id: padding
        size: 1
        if: len_body % 2 == 1 and not _io.eof
    instances:
      len_body:
        value: |
          id == "data" and len_field == 0xffffffff and _root.has_64_bit_lengths
            ? _root.lengths.len_data : len_field
  lengths:
    seq:
      - id: len_form
        type: u8
      - id: len_data
        type: u8
      - id: num_samples
        type: u8
      - id: num_entries
        type: u4
      - id: entries
        type: chunk_length
        repeat: expr
        repeat-expr: num_entries
  chunk_length:
    seq:
      - id: id
        type: str
        size: 4
      - id: len_chunk
        type: u8
  text:
    seq:
      - id: text
        type: str
        size-eos: true
  format:
    -webide-representation: '{format_tag} {num_channels} channels, {num_samples_per_second} Hz, {bits_per_sample} bits'
    seq:
      - id: format_tag
        -orig-id: wFormatTag
        type: u2
        enum: format_tag
      - id: num_channels
        -orig-id: nChannels
        type: u2
      - id: num_samples_per_second
        -orig-id: nSamplesPerSec
        type: u4
      - id: num_bytes_per_second
        -orig-id: nAvgBytesPerSec
        type: u4
      - id: len_frame
        -orig-id: nBlockAlign
        doc: Bytes per sample of all channels, or per compressed block.
        type: u2
      - id: bits_per_sample
        -orig-id: wBitsPerSample
        type: u2
      - id: len_extension
        -orig-id: cbSize
        type: u2
        if: _io.size >= 18
      - id: extension
        size: 'len_extension > _io.size - 18 ? _io.size - 18 : len_extension'
        type:
          switch-on: format_tag
          cases:
            'format_tag::extensible': extensible
        if: _io.size > 18
  extensible:
    seq:
      - id: num_valid_bits
        -orig-id: wValidBitsPerSample
        type: u2
      - id: channel_mask
        -orig-id: dwChannelMask
        doc: One bit per speaker position, starting at front left.
        type: u4
      - id: sub_format_tag
        doc: First two bytes of the format GUID.
        type: u2
        enum: format_tag
      - id: sub_format_rest
        size: 14
  fact:
    seq:
      - id: num_samples
        type: u4
  list:
    -webide-representation: '{type}'
    seq:
      - id: type
        type: str
        size: 4
      - id: chunks
        type: list_chunk
        repeat: eos
  list_chunk:
    -webide-representation: '{id} {body}'
    seq:
      - id: id
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: len_body
        type: u4
      - id: body
        size: 'len_body > _io.size - _io.pos ? _io.size - _io.pos : len_body'
        type:
          switch-on: _parent.type + id
          cases:
            '"adtllabl"': label
            '"adtlnote"': label
            '"adtlltxt"': labelled_text
            '"INFOIARL"': info
            '"INFOIART"': info
            '"INFOICMS"': info
            '"INFOICMT"': info
            '"INFOICOP"': info
            '"INFOICRD"': info
            '"INFOIENG"': info
            '"INFOIGNR"': info
            '"INFOIKEY"': info
            '"INFOIMED"': info
            '"INFOINAM"': info
            '"INFOIPRD"': info
            '"INFOIPRT"': info
            '"INFOISBJ"': info
            '"INFOISFT"': info
            '"INFOISRC"': info
            '"INFOITCH"': info
            '"INFOITRK"': info
      - id: padding
        size: 1
        if: len_body % 2 == 1 and not _io.eof
  info:
    -webide-representation: '{text}'
    seq:
      - id: text
        type: strz
        eos-error: false
  label:
    -webide-representation: '{cue_point}: {text}'
    seq:
      - id: cue_point
        type: u4
      - id: text
        type: strz
        eos-error: false
  labelled_text:
    seq:
      - id: cue_point
        type: u4
      - id: num_samples
        type: u4
      - id: purpose
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: country
        type: u2
      - id: language
        type: u2
      - id: dialect
        type: u2
      - id: code_page
        type: u2
      - id: text
        type: strz
        eos-error: false
  cue_points:
    seq:
      - id: num_points
        type: u4
      - id: points
        type: cue_point
        size: 24
        repeat: expr
        repeat-expr: num_points
  cue_point:
    -webide-representation: '{id} at {sample_position}'
    seq:
      - id: id
        type: u4
      - id: play_position
        type: u4
      - id: chunk_id
        type: str
        size: 4
        encoding: ISO-8859-1
      - id: chunk_start
        type: u4
      - id: block_start
        type: u4
      - id: sample_position
        type: u4
  sampler:
    seq:
      - id: manufacturer
        type: u4
      - id: product
        type: u4
      - id: sample_period
        doc: In nanoseconds.
        type: u4
      - id: midi_unity_note
        type: u4
      - id: midi_pitch_fraction
        type: u4
      - id: smpte_format
        type: u4
      - id: smpte_offset
        type: u4
      - id: num_loops
        type: u4
      - id: len_sampler_data
        type: u4
      - id: loops
        type: sample_loop
        repeat: expr
        repeat-expr: num_loops
      - id: sampler_data
        size-eos: true
  sample_loop:
    -webide-representation: '{type} {start}..{end}'
    seq:
      - id: cue_point
        type: u4
      - id: type
        type: u4
        enum: loop_type
      - id: start
        type: u4
      - id: end
        type: u4
      - id: fraction
        type: u4
      - id: num_plays
        doc: 0 means forever.
        type: u4
  instrument:
    seq:
      - id: unshifted_note
        type: u1
      - id: fine_tune
        type: s1
      - id: gain
        type: s1
      - id: low_note
        type: u1
      - id: high_note
        type: u1
      - id: low_velocity
        type: u1
      - id: high_velocity
        type: u1
  peaks:
    seq:
      - id: version
        type: u4
      - id: timestamp
        type: u4
        -lazyhex-as: time32
      - id: channels
        type: peak
        repeat: eos
  peak:
    -webide-representation: '{value} at {position}'
    seq:
      - id: value
        type: f4
      - id: position
        type: u4
  broadcast_extension:
    seq:
      - id: description
        size: 256
        type: strz
        eos-error: false
      - id: originator
        size: 32
        type: strz
        eos-error: false
      - id: originator_reference
        size: 32
        type: strz
        eos-error: false
      - id: origination_date
        type: str
        size: 10
      - id: origination_time
        type: str
        size: 8
      - id: time_reference
        doc: Samples since midnight.
        type: u8
      - id: version
        type: u2
      - id: umid
        size: 64
      - id: loudness_value
        doc: In hundredths, like the next four fields.
        type: s2
      - id: loudness_range
        type: s2
      - id: max_true_peak_level
        type: s2
      - id: max_momentary_loudness
        type: s2
      - id: max_short_term_loudness
        type: s2
      - id: reserved
        size: 180
      - id: coding_history
        type: str
        size-eos: true
enums:
  format_tag:
    0: unknown
    1: pcm
    2: adpcm
    3: ieee_float
    5: ibm_cvsd
    6: alaw
    7: mulaw
    8: dts
    0x11: ima_adpcm
    0x16: g723_adpcm
    0x31: gsm610
    0x40: g721_adpcm
    0x50: mpeg
    0x55: mp3
    0x61: ima_adpcm_duck
    0x64: g726_adpcm
    0x92: dolby_ac3_spdif
    0xff: aac
    0x160: wma_1
    0x161: wma_2
    0x162: wma_3
    0x1600: adts_aac
    0x2000: ac3
    0x2001: dts_2
    0xf1ac: flac
    0xfffe: extensible
  loop_type:
    0: forward
    1: alternating
    2: backward
