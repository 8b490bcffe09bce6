meta:
  id: fat
  title: FAT file system (FAT12, FAT16, FAT32)
  file-extension: [img, ima, fat, vfat]
  license: MIT OR Apache-2.0
  endian: le
  bit-endian: le
  encoding: IBM437
  -lazyhex-magic:
    - {at: 54, bytes: [0x46, 0x41, 0x54], and: [{at: 510, bytes: [0x55, 0xaa]}]}
    - {at: 82, bytes: [0x46, 0x41, 0x54], and: [{at: 510, bytes: [0x55, 0xaa]}]}
doc: A volume with a boot sector, file allocation tables, a root directory and clusters.
doc-ref: https://download.microsoft.com/download/1/6/1/161ba512-40e2-4cc9-843a-923143f3456c/fatgen103.doc
seq:
  - id: boot_sector
    type: boot_sector
    size: 512
instances:
  bpb:
    value: boot_sector.bpb
  len_sector:
    value: bpb.bytes_per_sec
  len_cluster:
    value: bpb.sec_per_clus * bpb.bytes_per_sec
  is_fat32:
    value: bpb.fat_size_16 == 0
  num_fat_sectors:
    value: 'is_fat32 ? boot_sector.fat32.fat_size_32 : bpb.fat_size_16'
  num_sectors:
    value: 'bpb.total_sec_16 != 0 ? bpb.total_sec_16 : bpb.total_sec_32'
  num_root_sectors:
    value: (bpb.root_entry_count * 32 + bpb.bytes_per_sec - 1) / bpb.bytes_per_sec
  first_data_sector:
    value: >-
      bpb.reserved_sec_count + bpb.num_fats * num_fat_sectors + num_root_sectors
  num_clusters:
    value: (num_sectors - first_data_sector) / bpb.sec_per_clus
  kind:
    value: 'is_fat32 ? 32 : num_clusters < 4085 ? 12 : 16'
    enum: kind
    doc: The number of clusters alone decides between FAT12 and FAT16.
  fs_info:
    pos: boot_sector.fat32.fs_info * len_sector
    size: 512
    type: fs_info
    if: is_fat32 and boot_sector.fat32.fs_info != 0 and boot_sector.fat32.fs_info != 0xffff
  backup_boot_sector:
    pos: boot_sector.fat32.backup_boot_sec * len_sector
    size: 512
    type: boot_sector
    if: is_fat32 and boot_sector.fat32.backup_boot_sec != 0 and boot_sector.fat32.backup_boot_sec != 0xffff
  fats:
    pos: bpb.reserved_sec_count * len_sector
    size: num_fat_sectors * len_sector
    type: allocation_table
    repeat: expr
    repeat-expr: bpb.num_fats
    doc: The file allocation table and its copies.
  ofs_root_directory:
    value: >-
      is_fat32
      ? first_data_sector * len_sector + (boot_sector.fat32.root_cluster - 2) * len_cluster
      : (bpb.reserved_sec_count + bpb.num_fats * num_fat_sectors) * len_sector
  root_directory:
    pos: ofs_root_directory
    size: 'is_fat32 ? len_cluster : bpb.root_entry_count * 32'
    type: directory
    doc: In FAT32, only its first cluster.
  ofs_data:
    value: first_data_sector * len_sector
  clusters:
    pos: ofs_data
    size: len_cluster
    repeat: expr
    repeat-expr: num_clusters
    doc: Cluster 2 is the first one.
types:
  boot_sector:
    seq:
      - id: jump_boot
        size: 3
      - id: oem_name
        type: str
        size: 8
      - id: bpb
        type: bios_parameter_block
      - id: fat32
        type: bpb_fat32
        if: bpb.fat_size_16 == 0
      - id: extended
        type: extended_boot_record
      - id: boot_code
        size: 510 - _io.pos
      - id: signature
        contents: [0x55, 0xaa]
  bios_parameter_block:
    seq:
      - id: bytes_per_sec
        type: u2
        valid:
          any-of: [512, 1024, 2048, 4096]
      - id: sec_per_clus
        type: u1
        valid:
          any-of: [1, 2, 4, 8, 16, 32, 64, 128]
      - id: reserved_sec_count
        type: u2
        doc: Sectors before the first allocation table, this one included.
      - id: num_fats
        type: u1
      - id: root_entry_count
        type: u2
        doc: 0 in FAT32, whose root directory is a chain of clusters.
      - id: total_sec_16
        type: u2
        doc: 0 if the number does not fit; `total_sec_32` then holds it.
      - id: media
        type: u1
        enum: media
      - id: fat_size_16
        type: u2
        doc: Sectors of one allocation table; 0 in FAT32.
      - id: sec_per_trk
        type: u2
      - id: num_heads
        type: u2
      - id: hidden_sec
        type: u4
        doc: Sectors on the disk before this volume.
      - id: total_sec_32
        type: u4
  bpb_fat32:
    seq:
      - id: fat_size_32
        type: u4
      - id: active_fat
        type: b4
        doc: Used only if mirroring is off.
      - id: reserved_flags
        type: b3
      - id: mirroring_disabled
        type: b1
      - id: reserved_flags_high
        type: u1
      - id: fs_version_minor
        type: u1
      - id: fs_version_major
        type: u1
      - id: root_cluster
        type: u4
      - id: fs_info
        type: u2
        doc: Sector of the FSInfo structure.
      - id: backup_boot_sec
        type: u2
      - id: reserved
        size: 12
  extended_boot_record:
    seq:
      - id: drive_num
        type: u1
      - id: reserved
        type: u1
        doc: Some systems mark a dirty volume here.
      - id: boot_sig
        type: u1
        doc: 0x29 if the next three fields are present.
      - id: volume_id
        type: u4
      - id: volume_label
        type: str
        size: 11
        pad-right: 0x20
      - id: file_system_type
        type: str
        size: 8
        pad-right: 0x20
        doc: Informative only.
  fs_info:
    seq:
      - id: lead_signature
        contents: RRaA
      - id: reserved
        size: 480
      - id: struct_signature
        contents: rrAa
      - id: num_free_clusters
        type: u4
        doc: 0xffffffff if not known.
      - id: next_free_cluster
        type: u4
        doc: Where to look for free clusters; 0xffffffff if not known.
      - id: reserved_end
        size: 12
      - id: trail_signature
        contents: [0, 0, 0x55, 0xaa]
  allocation_table:
    doc: The entry of a cluster is the number of the next one, or a mark for the last.
    seq:
      - id: entry_pairs
        type: entry_pair
        repeat: expr
        repeat-expr: _io.size / 3
        if: _root.kind == kind::fat12
      - id: entries_16
        type: u2
        repeat: expr
        repeat-expr: _io.size / 2
        if: _root.kind == kind::fat16
      - id: entries_32
        type: entry_32
        repeat: expr
        repeat-expr: _io.size / 4
        if: _root.kind == kind::fat32
  entry_pair:
    -webide-representation: '{even:hex} {odd:hex}'
    doc: Two entries of 12 bits.
    seq:
      - id: even
        type: b12
      - id: odd
        type: b12
  entry_32:
    -webide-representation: '{next:hex}'
    seq:
      - id: next
        type: b28
      - id: reserved
        type: b4
  directory:
    seq:
      - id: entries
        type: directory_entry
        size: 32
        repeat: expr
        repeat-expr: _io.size / 32
  directory_entry:
    -webide-representation: >-
      {short.name} {short.extension} {long.name_1}{long.name_2}{long.name_3}
    seq:
      - id: long
        type: long_name_entry
        if: is_long_name
      - id: short
        type: short_entry
        if: not is_long_name
    instances:
      attribute_bits:
        pos: 11
        type: u1
      is_long_name:
        value: (attribute_bits & 0x3f) == 0x0f
        doc: An entry with the four lowest attributes set holds a part of a long name.
      first_byte:
        pos: 0
        type: u1
      state:
        value: 'first_byte == 0 ? 0 : first_byte == 0xe5 ? 0xe5 : first_byte == 0x2e ? 0x2e : 1'
        enum: entry_state
  short_entry:
    seq:
      - id: name
        type: str
        size: 8
        pad-right: 0x20
      - id: extension
        type: str
        size: 3
        pad-right: 0x20
      - id: attributes
        type: attributes
      - id: nt_reserved
        type: u1
        doc: Bits 3 and 4 show name and extension in lower case.
      - id: create_time_tenth
        type: u1
        doc: Hundredths of a second, 0 to 199.
      - id: create_time
        type: u4
        -lazyhex-as: dos
      - id: last_access_date
        type: date
      - id: first_cluster_high
        type: u2
        doc: Always 0 in FAT12 and FAT16.
      - id: write_time
        type: u4
        -lazyhex-as: dos
      - id: first_cluster_low
        type: u2
      - id: len_file
        type: u4
    instances:
      first_cluster:
        value: '(_root.is_fat32 ? first_cluster_high * 65536 : 0) + first_cluster_low'
      ofs_first_cluster:
        value: _root.ofs_data + (first_cluster - 2) * _root.len_cluster
      has_cluster:
        value: >-
          _parent.state == entry_state::used and first_cluster >= 2
          and first_cluster < _root.num_clusters + 2 and not attributes.volume_id
      data:
        io: _root._io
        pos: ofs_first_cluster
        size: 'len_file < _root.len_cluster ? len_file : _root.len_cluster'
        if: has_cluster and not attributes.directory
        doc: The first cluster of the file.
      directory:
        io: _root._io
        pos: ofs_first_cluster
        size: _root.len_cluster
        type: directory
        if: has_cluster and attributes.directory
        doc: The first cluster of the directory.
  attributes:
    seq:
      - id: read_only
        type: b1
      - id: hidden
        type: b1
      - id: system
        type: b1
      - id: volume_id
        type: b1
      - id: directory
        type: b1
      - id: archive
        type: b1
      - id: reserved
        type: b2
  date:
    -webide-representation: '{year:dec}-{month:dec}-{day:dec}'
    seq:
      - id: day
        type: b5
      - id: month
        type: b4
      - id: years_since_1980
        type: b7
    instances:
      year:
        value: 1980 + years_since_1980
  long_name_entry:
    doc: Up to 13 characters of a long name. Its parts precede the short entry, last part first.
    seq:
      - id: order
        type: b6
        doc: Counts from 1.
      - id: is_last
        type: b1
      - id: is_deleted
        type: b1
      - id: name_1
        type: str
        size: 10
        encoding: UTF-16LE
      - id: attributes
        type: attributes
      - id: entry_type
        type: u1
      - id: checksum
        type: u1
        doc: Of the short name.
      - id: name_2
        type: str
        size: 12
        encoding: UTF-16LE
      - id: first_cluster_low
        type: u2
      - id: name_3
        type: str
        size: 4
        encoding: UTF-16LE
enums:
  kind:
    12: fat12
    16: fat16
    32: fat32
  entry_state:
    0x00: end_of_directory
    0x01: used
    0x2e: dot
    0xe5: deleted
  media:
    0xf0: removable
    0xf8: fixed
    0xf9: floppy_720k
    0xfa: ram_disk
    0xfc: floppy_180k
    0xfd: floppy_360k
    0xfe: floppy_160k
    0xff: floppy_320k
