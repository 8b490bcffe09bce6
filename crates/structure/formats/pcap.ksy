meta:
  id: pcap
  title: Packet capture (libpcap)
  file-extension: [pcap, cap, dmp]
  license: MIT OR Apache-2.0
  endian: be
  -lazyhex-magic:
    - {at: 0, bytes: [0xa1, 0xb2, 0xc3, 0xd4]}
    - {at: 0, bytes: [0xd4, 0xc3, 0xb2, 0xa1]}
    - {at: 0, bytes: [0xa1, 0xb2, 0x3c, 0x4d]}
    - {at: 0, bytes: [0x4d, 0x3c, 0xb2, 0xa1]}
doc: A header and packets in the order of their capture.
doc-ref: https://www.ietf.org/archive/id/draft-ietf-opsawg-pcap-04.html
seq:
  - id: magic
    type: u4
    enum: magic
    valid:
      in-enum: true
    doc: Gives the byte order of the file and the unit of its time stamps.
  - id: header
    type: header
  - id: packets
    type: packet
    repeat: eos
instances:
  is_nanoseconds:
    value: magic == magic::nanoseconds_be or magic == magic::nanoseconds_le
types:
  header:
    -webide-representation: '{linktype} up to {snap_len:dec} bytes'
    meta:
      endian:
        switch-on: _root.magic
        cases:
          'magic::microseconds_be': be
          'magic::nanoseconds_be': be
          _: le
    seq:
      - id: version_major
        type: u2
        valid: 2
      - id: version_minor
        type: u2
      - id: reserved_1
        type: u4
        doc: Formerly the offset of the time zone.
      - id: reserved_2
        type: u4
        doc: Formerly the accuracy of the time stamps.
      - id: snap_len
        type: u4
      - id: linktype_and_fcs
        type: u4
        doc: Type of link in the low 16 bits, length of the frame check sequence in the top 4.
    instances:
      linktype:
        value: linktype_and_fcs & 0xffff
        enum: linktype
      has_fcs_len:
        value: (linktype_and_fcs & 0x4000000) != 0
      fcs_len:
        value: linktype_and_fcs >> 28
        doc: In units of 16 bits.
  packet:
    -webide-representation: '{len_original:dec} bytes'
    meta:
      endian:
        switch-on: _root.magic
        cases:
          'magic::microseconds_be': be
          'magic::nanoseconds_be': be
          _: le
    seq:
      - id: time_seconds
        type: u4
        -lazyhex-as: time32
      - id: time_fraction
        type: u4
        doc: Microseconds or nanoseconds.
      - id: len_captured
        type: u4
      - id: len_original
        type: u4
      - id: data
        size: len_captured
        type:
          switch-on: _root.header.linktype
          cases:
            'linktype::ethernet': ethernet_frame
            'linktype::raw': raw_ip
            'linktype::ipv4': raw_ip
            'linktype::ipv6': raw_ip
            'linktype::linux_sll': linux_sll
            'linktype::linux_sll2': linux_sll2
            'linktype::null_loopback': null_loopback
  # Captured packets can be cut anywhere, so each layer is there only if its header is complete.
  ethernet_frame:
    meta:
      endian: be
    seq:
      - id: destination
        size: 6
        -lazyhex-as: mac
        if: _io.size >= 14
      - id: source
        size: 6
        -lazyhex-as: mac
        if: _io.size >= 14
      - id: ethertype
        type: u2
        enum: ethertype
        if: _io.size >= 14
      - id: vlan
        type: vlan_tag
        if: _io.size >= 18 and ethertype == ethertype::vlan
      - id: payload
        size-eos: true
        type:
          switch-on: 'vlan_present ? vlan.ethertype : _io.size >= 14 ? ethertype : ethertype::none'
          cases:
            'ethertype::ipv4': ipv4
            'ethertype::ipv6': ipv6
            'ethertype::arp': arp
    instances:
      vlan_present:
        value: _io.size >= 18 and ethertype == ethertype::vlan
  vlan_tag:
    meta:
      endian: be
    seq:
      - id: priority
        type: b3
      - id: drop_eligible
        type: b1
      - id: vlan_id
        type: b12
      - id: ethertype
        type: u2
        enum: ethertype
  linux_sll:
    meta:
      endian: be
    seq:
      - id: header
        type: linux_sll_header
        if: _io.size >= 16
      - id: payload
        size-eos: true
        type:
          switch-on: '_io.size >= 16 ? header.protocol : ethertype::none'
          cases:
            'ethertype::ipv4': ipv4
            'ethertype::ipv6': ipv6
            'ethertype::arp': arp
  linux_sll_header:
    meta:
      endian: be
    seq:
      - id: packet_type
        type: u2
        enum: sll_packet_type
      - id: arphrd_type
        type: u2
      - id: len_address
        type: u2
      - id: address
        size: 8
      - id: protocol
        type: u2
        enum: ethertype
  linux_sll2:
    seq:
      - id: header
        type: linux_sll2_header
        if: _io.size >= 20
      - id: payload
        size-eos: true
        type:
          switch-on: '_io.size >= 20 ? header.protocol : ethertype::none'
          cases:
            'ethertype::ipv4': ipv4
            'ethertype::ipv6': ipv6
            'ethertype::arp': arp
  linux_sll2_header:
    meta:
      endian: be
    seq:
      - id: protocol
        type: u2
        enum: ethertype
      - id: reserved
        type: u2
      - id: interface_index
        type: u4
      - id: arphrd_type
        type: u2
      - id: packet_type
        type: u1
        enum: sll_packet_type
      - id: len_address
        type: u1
      - id: address
        size: 8
  null_loopback:
    seq:
      - id: family
        size: 4
        doc: In the byte order of the machine that captured.
        if: _io.size >= 4
      - id: payload
        type: raw_ip
        size-eos: true
  raw_ip:
    seq:
      - id: ip
        size-eos: true
        type:
          switch-on: version
          cases:
            4: ipv4
            6: ipv6
    instances:
      first_byte:
        pos: 0
        type: u1
        if: _io.size > 0
      version:
        value: '_io.size > 0 ? first_byte >> 4 : 0'
  arp:
    -webide-representation: '{body.operation}'
    seq:
      - id: body
        type: arp_body
        if: _io.size >= 28
      - id: rest
        size-eos: true
  arp_body:
    meta:
      endian: be
    seq:
      - id: hardware_type
        type: u2
      - id: protocol_type
        type: u2
        enum: ethertype
      - id: len_hardware_address
        type: u1
      - id: len_protocol_address
        type: u1
      - id: operation
        type: u2
        enum: arp_operation
      - id: sender_mac
        size: 6
        -lazyhex-as: mac
      - id: sender_ip
        size: 4
        -lazyhex-as: ipv4
      - id: target_mac
        size: 6
        -lazyhex-as: mac
      - id: target_ip
        size: 4
        -lazyhex-as: ipv4
  ipv4:
    -webide-representation: '{header.protocol}'
    seq:
      - id: header
        type: ipv4_header
        if: _io.size >= 20
      - id: options
        size: header.len_header * 4 - 20
        if: _io.size >= 20 and header.len_header > 5 and _io.size >= header.len_header * 4
      - id: payload
        size: len_payload
        type:
          switch-on: 'is_first ? header.protocol : ip_protocol::none'
          cases:
            'ip_protocol::tcp': tcp
            'ip_protocol::udp': udp
            'ip_protocol::icmp': icmp
      - id: padding
        size-eos: true
    instances:
      is_first:
        value: _io.size >= 20 and header.fragment_offset == 0
      len_left:
        value: >-
          _io.size >= 20 and _io.size >= header.len_header * 4
          ? _io.size - (header.len_header > 5 ? header.len_header * 4 : 20) : 0
      len_payload:
        value: >-
          _io.size >= 20 and header.len_total >= header.len_header * 4
          and header.len_total - header.len_header * 4 < len_left
          ? header.len_total - header.len_header * 4 : len_left
  ipv4_header:
    meta:
      endian: be
    seq:
      - id: version
        type: b4
      - id: len_header
        type: b4
        doc: In units of 4 bytes.
      - id: dscp
        type: b6
      - id: ecn
        type: b2
      - id: len_total
        type: u2
      - id: identification
        type: u2
      - id: reserved_flag
        type: b1
      - id: dont_fragment
        type: b1
      - id: more_fragments
        type: b1
      - id: fragment_offset
        type: b13
      - id: time_to_live
        type: u1
      - id: protocol
        type: u1
        enum: ip_protocol
      - id: checksum
        type: u2
      - id: source
        size: 4
        -lazyhex-as: ipv4
      - id: destination
        size: 4
        -lazyhex-as: ipv4
  ipv6:
    -webide-representation: '{header.next_header}'
    seq:
      - id: header
        type: ipv6_header
        if: _io.size >= 40
      - id: payload
        size-eos: true
        type:
          switch-on: '_io.size >= 40 ? header.next_header : ip_protocol::none'
          cases:
            'ip_protocol::tcp': tcp
            'ip_protocol::udp': udp
  ipv6_header:
    meta:
      endian: be
    seq:
      - id: version
        type: b4
      - id: traffic_class
        type: b8
      - id: flow_label
        type: b20
      - id: len_payload
        type: u2
      - id: next_header
        type: u1
        enum: ip_protocol
      - id: hop_limit
        type: u1
      - id: source
        size: 16
      - id: destination
        size: 16
  tcp:
    -webide-representation: '{header.source_port:dec} > {header.destination_port:dec}'
    seq:
      - id: header
        type: tcp_header
        if: _io.size >= 20
      - id: options
        size: header.len_header * 4 - 20
        if: _io.size >= 20 and header.len_header > 5 and _io.size >= header.len_header * 4
      - id: payload
        size-eos: true
  tcp_header:
    meta:
      endian: be
    seq:
      - id: source_port
        type: u2
      - id: destination_port
        type: u2
      - id: sequence_number
        type: u4
      - id: acknowledgement_number
        type: u4
      - id: len_header
        type: b4
        doc: In units of 4 bytes.
      - id: reserved
        type: b4
      - {id: cwr, type: b1}
      - {id: ece, type: b1}
      - {id: urg, type: b1}
      - {id: ack, type: b1}
      - {id: psh, type: b1}
      - {id: rst, type: b1}
      - {id: syn, type: b1}
      - {id: fin, type: b1}
      - id: window
        type: u2
      - id: checksum
        type: u2
      - id: urgent_pointer
        type: u2
  udp:
    -webide-representation: '{header.source_port:dec} > {header.destination_port:dec}'
    seq:
      - id: header
        type: udp_header
        if: _io.size >= 8
      - id: payload
        size-eos: true
  udp_header:
    meta:
      endian: be
    seq:
      - id: source_port
        type: u2
      - id: destination_port
        type: u2
      - id: length
        type: u2
      - id: checksum
        type: u2
  icmp:
    -webide-representation: '{header.message_type}'
    seq:
      - id: header
        type: icmp_header
        if: _io.size >= 8
      - id: payload
        size-eos: true
  icmp_header:
    meta:
      endian: be
    seq:
      - id: message_type
        type: u1
        enum: icmp_type
      - id: code
        type: u1
      - id: checksum
        type: u2
      - id: rest
        size: 4
enums:
  magic:
    0xa1b2c3d4: microseconds_be
    0xd4c3b2a1: microseconds_le
    0xa1b23c4d: nanoseconds_be
    0x4d3cb2a1: nanoseconds_le
  linktype:
    0: null_loopback
    1: ethernet
    6: token_ring
    9: ppp
    10: fddi
    51: ppp_ether
    101: raw
    105: ieee802_11
    108: openbsd_loop
    113: linux_sll
    117: pflog
    119: ieee802_11_prism
    127: ieee802_11_radiotap
    147: user_0
    187: bluetooth_hci_h4
    189: usb_linux
    192: ppi
    195: ieee802_15_4
    201: bluetooth_hci_h4_with_phdr
    220: usb_linux_mmapped
    227: can_socketcan
    228: ipv4
    229: ipv6
    230: ieee802_15_4_nofcs
    239: nflog
    249: usb_pcap
    251: bluetooth_le_ll
    252: wireshark_upper_pdu
    253: netlink
    276: linux_sll2
  ethertype:
    0x0000: none
    0x0800: ipv4
    0x0806: arp
    0x0842: wake_on_lan
    0x8100: vlan
    0x86dd: ipv6
    0x8847: mpls
    0x8863: pppoe_discovery
    0x8864: pppoe_session
    0x888e: eapol
    0x88a8: service_vlan
    0x88cc: lldp
    0x88f7: ptp
  sll_packet_type:
    0: to_us
    1: broadcast
    2: multicast
    3: between_others
    4: from_us
  arp_operation:
    1: request
    2: reply
  ip_protocol:
    0: hop_by_hop
    1: icmp
    2: igmp
    6: tcp
    17: udp
    41: ipv6
    43: ipv6_routing
    44: ipv6_fragment
    47: gre
    50: esp
    51: ah
    58: icmpv6
    59: none
    89: ospf
    132: sctp
  icmp_type:
    0: echo_reply
    3: destination_unreachable
    5: redirect
    8: echo_request
    11: time_exceeded
