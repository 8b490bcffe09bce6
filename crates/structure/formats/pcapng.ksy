meta:
  id: pcapng
  title: Packet capture, next generation
  file-extension: [pcapng, ntar]
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-8
  -lazyhex-magic:
    - {at: 0, bytes: [0x0a, 0x0d, 0x0d, 0x0a]}
doc: >-
  Blocks of one or more sections. Each section has its own byte order.
  The byte order of a block follows from its length, which is stored at both ends.
doc-ref: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcapng-02.html
seq:
  - id: blocks
    type: block(_io.pos)
    repeat: eos
instances:
  first_order_mark:
    pos: 8
    type: u1
    doc: The first byte of the mark 0x1a2b3c4d in the order of the first section.
types:
  block:
    -webide-representation: '{content.block_type} {content.len_block:dec} bytes'
    params:
      - id: ofs_block
        type: u8
    seq:
      - id: content
        type: content
    instances:
      type_bytes:
        pos: ofs_block
        type: u4le
      len_le:
        pos: ofs_block + 4
        type: u4le
      len_be:
        pos: ofs_block + 4
        type: u4be
      order_mark:
        pos: ofs_block + 8
        type: u1
      len_first_order:
        value: '_root.first_order_mark == 0x4d ? len_le : len_be'
        doc: The length, if the block has the byte order of the first section.
      first_order_fits:
        value: >-
          len_first_order >= 12 and len_first_order % 4 == 0
          and ofs_block + len_first_order <= _io.size
      len_again:
        pos: ofs_block + len_first_order - 4
        type: u4le
        if: first_order_fits
      is_le:
        value: >-
          type_bytes == 0x0a0d0d0a
          ? order_mark == 0x4d
          : (_root.first_order_mark == 0x4d) == (first_order_fits and len_again == len_le)
  content:
    meta:
      endian:
        switch-on: _parent.is_le
        cases:
          true: le
          false: be
    seq:
      - id: block_type
        type: u4
        enum: block_type
      - id: len_block
        type: u4
        doc: Of the whole block; a multiple of 4.
        valid:
          min: 12
      - id: body
        size: len_block - 12
        type:
          switch-on: block_type
          cases:
            'block_type::section_header': section_header
            'block_type::interface_description': interface_description
            'block_type::simple_packet': simple_packet
            'block_type::enhanced_packet': enhanced_packet
            'block_type::name_resolution': name_resolution
            'block_type::interface_statistics': interface_statistics
            'block_type::decryption_secrets': decryption_secrets
            'block_type::custom': custom
            'block_type::custom_not_copied': custom
      - id: len_block_again
        type: u4
        valid: len_block
    types:
      section_header:
        seq:
          - id: byte_order_magic
            type: u4
            valid: 0x1a2b3c4d
          - id: version_major
            type: u2
          - id: version_minor
            type: u2
          - id: len_section
            type: s8
            doc: Bytes of the blocks that follow in this section; -1 if not known.
          - id: options
            type: section_option
            repeat: eos
      section_option:
        -webide-representation: '{code} {text}'
        seq:
          - id: code
            type: u2
            enum: section_option
          - id: len_value
            type: u2
          - id: text
            type: str
            size: len_value
            if: is_text
          - id: value
            size: len_value
            if: not is_text
          - id: padding
            size: (4 - len_value % 4) % 4
        instances:
          is_text:
            value: >-
              code == section_option::comment or code == section_option::hardware
              or code == section_option::os or code == section_option::user_application
      interface_description:
        -webide-representation: '{linktype}'
        seq:
          - id: linktype
            type: u2
            enum: linktype
          - id: reserved
            type: u2
          - id: snap_len
            type: u4
            doc: 0 if there is no limit.
          - id: options
            type: interface_option
            repeat: eos
      interface_option:
        -webide-representation: '{code} {text}'
        seq:
          - id: code
            type: u2
            enum: interface_option
          - id: len_value
            type: u2
          - id: text
            type: str
            size: len_value
            if: is_text
          - id: value
            size: len_value
            if: not is_text
            type:
              switch-on: code
              cases:
                'interface_option::speed': value_u8
                'interface_option::timestamp_resolution': timestamp_resolution
                'interface_option::timestamp_offset': value_s8
                'interface_option::fcs_length': value_u1
                'interface_option::mac_address': value_mac
          - id: padding
            size: (4 - len_value % 4) % 4
        instances:
          is_text:
            value: >-
              code == interface_option::comment or code == interface_option::name
              or code == interface_option::description or code == interface_option::os
              or code == interface_option::hardware
      timestamp_resolution:
        -webide-representation: '{exponent:dec}'
        meta:
          bit-endian: be
        seq:
          - id: is_power_of_two
            type: b1
          - id: exponent
            type: b7
            doc: Of 10 or 2; the unit is the base to this power, negated.
      value_u1:
        -webide-representation: '{value:dec}'
        seq:
          - id: value
            type: u1
      value_u4:
        -webide-representation: '{value:dec}'
        seq:
          - id: value
            type: u4
      value_u8:
        -webide-representation: '{value:dec}'
        seq:
          - id: value
            type: u8
      value_s8:
        -webide-representation: '{value:dec}'
        seq:
          - id: value
            type: s8
      value_mac:
        seq:
          - id: address
            size: 6
            -lazyhex-as: mac
      timestamp:
        doc: In the units of the interface, microseconds if it names none.
        seq:
          - id: high
            type: u4
          - id: low
            type: u4
        instances:
          value:
            value: high * 0x100000000 + low
      enhanced_packet:
        -webide-representation: 'interface {interface_id:dec}, {len_original:dec} bytes'
        seq:
          - id: interface_id
            type: u4
          - id: timestamp
            type: timestamp
          - id: len_captured
            type: u4
          - id: len_original
            type: u4
          - id: data
            size: len_captured
          - id: padding
            size: (4 - len_captured % 4) % 4
          - id: options
            type: packet_option
            repeat: eos
      packet_option:
        -webide-representation: '{code} {text}'
        seq:
          - id: code
            type: u2
            enum: packet_option
          - id: len_value
            type: u2
          - id: text
            type: str
            size: len_value
            if: code == packet_option::comment
          - id: value
            size: len_value
            if: code != packet_option::comment
            type:
              switch-on: code
              cases:
                'packet_option::flags': value_u4
                'packet_option::drop_count': value_u8
                'packet_option::packet_id': value_u8
                'packet_option::queue': value_u4
          - id: padding
            size: (4 - len_value % 4) % 4
      simple_packet:
        -webide-representation: '{len_original:dec} bytes'
        seq:
          - id: len_original
            type: u4
          - id: data
            size-eos: true
            doc: With its padding; the snap length of interface 0 bounds it.
      name_resolution:
        seq:
          - id: records
            type: name_record
            repeat: until
            repeat-until: _.record_type == name_record_type::end or _io.eof
          - id: options
            type: name_option
            repeat: eos
      name_record:
        -webide-representation: '{record_type} {names}'
        seq:
          - id: record_type
            type: u2
            enum: name_record_type
          - id: len_value
            type: u2
          - id: ipv4_address
            size: 4
            if: record_type == name_record_type::ipv4
            -lazyhex-as: ipv4
          - id: ipv6_address
            size: 16
            if: record_type == name_record_type::ipv6
          - id: names
            type: names
            size: >-
              record_type == name_record_type::ipv4 ? len_value - 4
              : record_type == name_record_type::ipv6 ? len_value - 16 : len_value
          - id: padding
            size: (4 - len_value % 4) % 4
      names:
        seq:
          - id: names
            type: strz
            repeat: eos
      name_option:
        -webide-representation: '{code} {text}'
        seq:
          - id: code
            type: u2
            enum: name_option
          - id: len_value
            type: u2
          - id: text
            type: str
            size: len_value
            if: code == name_option::comment or code == name_option::dns_name
          - id: value
            size: len_value
            if: code != name_option::comment and code != name_option::dns_name
          - id: padding
            size: (4 - len_value % 4) % 4
      interface_statistics:
        -webide-representation: 'interface {interface_id:dec}'
        seq:
          - id: interface_id
            type: u4
          - id: timestamp
            type: timestamp
          - id: options
            type: statistics_option
            repeat: eos
      statistics_option:
        -webide-representation: '{code} {text}'
        seq:
          - id: code
            type: u2
            enum: statistics_option
          - id: len_value
            type: u2
          - id: text
            type: str
            size: len_value
            if: code == statistics_option::comment
          - id: value
            size: len_value
            if: code != statistics_option::comment
            type:
              switch-on: code
              cases:
                'statistics_option::start_time': timestamp
                'statistics_option::end_time': timestamp
                'statistics_option::received': value_u8
                'statistics_option::dropped': value_u8
                'statistics_option::filter_accepted': value_u8
                'statistics_option::dropped_by_os': value_u8
                'statistics_option::delivered': value_u8
          - id: padding
            size: (4 - len_value % 4) % 4
      decryption_secrets:
        seq:
          - id: secrets_type
            type: u4
            enum: secrets_type
          - id: len_secrets
            type: u4
          - id: secrets
            size: len_secrets
          - id: padding_and_options
            size-eos: true
      custom:
        seq:
          - id: enterprise_number
            type: u4
          - id: data
            size-eos: true
enums:
  block_type:
    0x00000001: interface_description
    0x00000002: packet
    0x00000003: simple_packet
    0x00000004: name_resolution
    0x00000005: interface_statistics
    0x00000006: enhanced_packet
    0x00000009: systemd_journal_export
    0x0000000a: decryption_secrets
    0x00000bad: custom
    0x0a0d0d0a: section_header
    0x40000bad: custom_not_copied
  section_option:
    0: end
    1: comment
    2: hardware
    3: os
    4: user_application
  interface_option:
    0: end
    1: comment
    2: name
    3: description
    4: ipv4_address
    5: ipv6_address
    6: mac_address
    7: eui_address
    8: speed
    9: timestamp_resolution
    10: timezone
    11: filter
    12: os
    13: fcs_length
    14: timestamp_offset
    15: hardware
    16: transmit_speed
    17: receive_speed
  packet_option:
    0: end
    1: comment
    2: flags
    3: hash
    4: drop_count
    5: packet_id
    6: queue
    7: verdict
  name_record_type:
    0: end
    1: ipv4
    2: ipv6
    3: eui48
    4: eui64
  name_option:
    0: end
    1: comment
    2: dns_name
    3: dns_ipv4_address
    4: dns_ipv6_address
  statistics_option:
    0: end
    1: comment
    2: start_time
    3: end_time
    4: received
    5: dropped
    6: filter_accepted
    7: dropped_by_os
    8: delivered
  secrets_type:
    0x544c534b: tls_key_log
    0x53534b4c: ssh_key_log
    0x57474b4c: wireguard_key_log
    0x5a4e574b: zigbee_nwk_key
    0x5a415053: zigbee_aps_key
  linktype:
    0: null_loopback
    1: ethernet
    9: ppp
    101: raw
    105: ieee802_11
    113: linux_sll
    127: ieee802_11_radiotap
    147: user_0
    189: usb_linux
    192: ppi
    195: ieee802_15_4
    220: usb_linux_mmapped
    227: can_socketcan
    228: ipv4
    229: ipv6
    249: usb_pcap
    251: bluetooth_le_ll
    252: wireshark_upper_pdu
    276: linux_sll2
