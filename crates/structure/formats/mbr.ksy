meta:
  id: mbr
  title: Master boot record
  file-extension: [img, raw, mbr]
  license: MIT OR Apache-2.0
  endian: le
  -lazyhex-magic:
    - {at: 510, bytes: [0x55, 0xaa], and: [{at: 446, bytes: [0x00]}]}
    - {at: 510, bytes: [0x55, 0xaa], and: [{at: 446, bytes: [0x80]}]}
doc: >-
  The first sector of a disk: boot code and four partition entries.
  An extended partition holds a chain of further records, one for each logical partition.
doc-ref: https://thestarman.pcministry.com/asm/mbr/PartTables.htm
seq:
  - id: bootstrap_code
    size: 440
  - id: disk_signature
    type: u4
  - id: copy_protected
    type: u2
    doc: 0x5a5a if the disk must not be written.
  - id: partitions
    type: partition_entry(0, 0)
    repeat: expr
    repeat-expr: 4
  - id: boot_signature
    contents: [0x55, 0xaa]
instances:
  sector_size:
    value: 512
types:
  partition_entry:
    -webide-representation: '{partition_type} {ofs_partition:dec} +{len_partition:dec}'
    params:
      - id: record_lba
        type: u4
        doc: Sector of the record that holds this entry.
      - id: extended_lba
        type: u4
        doc: First sector of the outermost extended partition, 0 outside of one.
    seq:
      - id: status
        type: u1
        enum: status
      - id: chs_start
        type: chs
      - id: partition_type
        type: u1
        enum: partition_type
      - id: chs_end
        type: chs
      - id: lba_start
        type: u4
        doc: Relative to the extended partition for a link, else to the record of this entry.
      - id: num_sectors
        type: u4
    instances:
      is_extended:
        value: >-
          partition_type == partition_type::extended_chs
          or partition_type == partition_type::extended_lba
          or partition_type == partition_type::linux_extended
      lba_absolute:
        value: '(is_extended ? extended_lba : record_lba) + lba_start'
      ofs_partition:
        value: lba_absolute * _root.sector_size
      len_partition:
        value: num_sectors * _root.sector_size
      body:
        io: _root._io
        pos: ofs_partition
        size: len_partition
        if: num_sectors != 0 and not is_extended
      extended_boot_record:
        io: _root._io
        pos: ofs_partition
        type: 'extended_boot_record(lba_absolute, extended_lba == 0 ? lba_absolute : extended_lba)'
        if: num_sectors != 0 and is_extended
  extended_boot_record:
    doc: One logical partition and the link to the next record.
    params:
      - id: record_lba
        type: u4
      - id: extended_lba
        type: u4
    seq:
      - id: unused
        size: 446
      - id: logical
        type: partition_entry(record_lba, extended_lba)
      - id: next
        type: partition_entry(record_lba, extended_lba)
        doc: The next record is its `extended_boot_record`.
      - id: unused_entries
        size: 32
      - id: boot_signature
        contents: [0x55, 0xaa]
  chs:
    meta:
      bit-endian: be
    -webide-representation: '{cylinder:dec}/{head:dec}/{sector:dec}'
    doc: An address by cylinder, head and sector. Sectors count from 1.
    seq:
      - id: head
        type: u1
      - id: cylinder_high
        type: b2
      - id: sector
        type: b6
      - id: cylinder_low
        type: u1
    instances:
      cylinder:
        value: cylinder_high * 256 + cylinder_low
enums:
  status:
    0x00: inactive
    0x80: active
  partition_type:
    0x00: empty
    0x01: fat12
    0x04: fat16_small
    0x05: extended_chs
    0x06: fat16
    0x07: ntfs_or_exfat
    0x0b: fat32_chs
    0x0c: fat32_lba
    0x0e: fat16_lba
    0x0f: extended_lba
    0x11: hidden_fat12
    0x14: hidden_fat16_small
    0x16: hidden_fat16
    0x17: hidden_ntfs
    0x1b: hidden_fat32_chs
    0x1c: hidden_fat32_lba
    0x1e: hidden_fat16_lba
    0x27: windows_recovery
    0x42: windows_dynamic
    0x82: linux_swap
    0x83: linux
    0x85: linux_extended
    0x8e: linux_lvm
    0xa5: freebsd
    0xa6: openbsd
    0xa8: apple_ufs
    0xa9: netbsd
    0xab: apple_boot
    0xaf: apple_hfs
    0xbe: solaris_boot
    0xbf: solaris
    0xda: non_filesystem_data
    0xee: gpt_protective
    0xef: efi_system
    0xfb: vmware_vmfs
    0xfd: linux_raid
