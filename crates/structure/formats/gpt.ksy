meta:
  id: gpt
  title: GUID partition table
  file-extension: [img, raw, gpt]
  license: MIT OR Apache-2.0
  endian: le
  encoding: UTF-16LE
  -lazyhex-magic:
    - {at: 512, bytes: [0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54]}
    - {at: 4096, bytes: [0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54]}
doc: A disk with a GUID partition table. The header is in the second sector, a copy in the last.
doc-ref: https://uefi.org/specs/UEFI/2.10/05_GUID_Partition_Table_Format.html
seq:
  - id: protective_mbr
    type: protective_mbr
    size: 512
instances:
  signature_512:
    pos: 512
    size: 8
    doc: The signature, if sectors have 512 bytes.
  sector_size:
    value: 'signature_512 == [0x45, 0x46, 0x49, 0x20, 0x50, 0x41, 0x52, 0x54] ? 512 : 4096'
    doc: The disk does not store its sector size; it follows from where the signature is.
  header:
    pos: sector_size
    size: sector_size
    type: header
  backup_header:
    pos: header.backup_lba * sector_size
    size: sector_size
    type: header
    if: (header.backup_lba + 1) * sector_size <= _io.size
    doc: The copy in the last sector, absent if the image was cut.
types:
  protective_mbr:
    doc: Describes the whole disk as one partition for tools that do not know GPT.
    seq:
      - id: boot_code
        size: 440
      - id: unique_mbr_disk_signature
        type: u4
      - id: unknown
        size: 2
      - id: partition_records
        type: mbr_partition_record
        repeat: expr
        repeat-expr: 4
      - id: signature
        contents: [0x55, 0xaa]
  mbr_partition_record:
    -webide-representation: '{os_type} {starting_lba:dec} +{size_in_lba:dec}'
    seq:
      - id: boot_indicator
        type: u1
      - id: starting_chs
        size: 3
      - id: os_type
        type: u1
        enum: os_type
      - id: ending_chs
        size: 3
      - id: starting_lba
        type: u4
      - id: size_in_lba
        type: u4
        doc: 0xffffffff if the disk has more sectors.
  header:
    -webide-representation: '{disk_guid} {num_partition_entries:dec} entries'
    seq:
      - id: signature
        contents: EFI PART
      - id: revision
        type: revision
      - id: len_header
        type: u4
        valid:
          min: 92
          max: _root.sector_size
      - id: header_crc32
        type: u4
        doc: Computed with this field set to 0.
      - id: reserved
        type: u4
      - id: my_lba
        type: u8
      - id: backup_lba
        -orig-id: AlternateLBA
        type: u8
      - id: first_usable_lba
        type: u8
      - id: last_usable_lba
        type: u8
      - id: disk_guid
        size: 16
        -lazyhex-as: guid
      - id: partition_entry_lba
        type: u8
      - id: num_partition_entries
        type: u4
      - id: len_partition_entry
        -orig-id: SizeOfPartitionEntry
        type: u4
        valid:
          min: 128
      - id: partition_entries_crc32
        type: u4
    instances:
      partition_entries:
        io: _root._io
        pos: partition_entry_lba * _root.sector_size
        size: len_partition_entry
        type: partition_entry
        repeat: expr
        repeat-expr: num_partition_entries
  revision:
    -webide-representation: '{major:dec}.{minor:dec}'
    seq:
      - id: minor
        type: u2
      - id: major
        type: u2
  partition_entry:
    -webide-representation: '{partition_type} {partition_name}'
    seq:
      - id: partition_type_guid
        size: 16
        -lazyhex-as: guid
      - id: unique_partition_guid
        size: 16
        -lazyhex-as: guid
      - id: starting_lba
        type: u8
      - id: ending_lba
        type: u8
        doc: The last sector that belongs to the partition.
      - id: attributes
        type: attributes
        size: 8
      - id: partition_name
        type: strz
        size: 72
    instances:
      partition_type:
        pos: 0
        type: u4
        enum: partition_type
        doc: The first four bytes of the type GUID, which differ between all types named here.
      num_sectors:
        value: 'starting_lba == 0 ? 0 : ending_lba - starting_lba + 1'
      body:
        io: _root._io
        pos: starting_lba * _root.sector_size
        size: num_sectors * _root.sector_size
        if: starting_lba != 0
  attributes:
    meta:
      bit-endian: le
    seq:
      - id: required_partition
        type: b1
      - id: no_block_io_protocol
        type: b1
      - id: legacy_bios_bootable
        type: b1
      - id: reserved_low
        type: b29
      - id: reserved_high
        type: b16
      - id: type_specific
        type: b16
enums:
  os_type:
    0x00: unused
    0xee: gpt_protective
    0xef: uefi_system_partition
  partition_type:
    0x00000000: unused
    0xc12a7328: efi_system
    0x024dee41: legacy_mbr
    0x21686148: bios_boot
    0xe3c9e316: microsoft_reserved
    0xebd0a0a2: microsoft_basic_data
    0xde94bba4: microsoft_recovery
    0x5808c8aa: microsoft_ldm_metadata
    0xaf9b60a0: microsoft_ldm_data
    0xe75caf8f: microsoft_storage_spaces
    0x0fc63daf: linux_filesystem
    0x44479540: linux_root_x86
    0x4f68bce3: linux_root_x86_64
    0x69dad710: linux_root_arm
    0xb921b045: linux_root_arm_64
    0x933ac7e1: linux_home
    0x3b8f8425: linux_server_data
    0x4d21b016: linux_variable_data
    0xbc13c2ff: linux_extended_boot
    0x0657fd6d: linux_swap
    0xe6d6d379: linux_lvm
    0xa19d880f: linux_raid
    0xca7d7ccb: linux_luks
    0x8da63339: linux_reserved
    0x48465300: apple_hfs_plus
    0x7c3457ef: apple_apfs
    0x426f6f74: apple_boot
    0x52414944: apple_raid
    0x53746f72: apple_core_storage
    0x83bd6b9d: freebsd_boot
    0x516e7cb4: freebsd_data
    0x516e7cb5: freebsd_swap
    0x516e7cb6: freebsd_ufs
    0x516e7cba: freebsd_zfs
    0x6a898cc3: zfs
    0xfe3a2a5d: chromeos_kernel
    0x3cb8e202: chromeos_root
