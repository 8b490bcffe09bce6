meta:
  id: ext4
  title: ext2, ext3 and ext4 file system
  file-extension: [img, ext2, ext3, ext4]
  license: MIT OR Apache-2.0
  endian: le
  bit-endian: le
  encoding: UTF-8
  -lazyhex-magic:
    - {at: 1080, bytes: [0x53, 0xef]}
doc: A volume in groups of blocks, each with bitmaps and a table of inodes.
doc-ref: https://www.kernel.org/doc/html/latest/filesystems/ext4/
seq:
  - id: boot_block
    size: 1024
  - id: super
    type: superblock
    size: 1024
instances:
  block_size:
    value: 1024 << super.log_block_size
  num_blocks:
    value: >-
      (super.feature_incompat.has_64bit ? super.num_blocks_high : 0) * 0x100000000
      + super.num_blocks_low
  num_groups:
    value: >-
      (num_blocks - super.first_data_block + super.num_blocks_per_group - 1)
      / super.num_blocks_per_group
  len_inode:
    value: 'super.rev_level == revision::original ? 128 : super.len_inode'
  len_group_descriptor:
    value: 'super.feature_incompat.has_64bit ? super.len_group_descriptor : 32'
  group_descriptors:
    pos: (1024 / block_size + 1) * block_size
    size: len_group_descriptor
    type: group_descriptor
    repeat: expr
    repeat-expr: num_groups
    doc: With `meta_bg`, only those before `first_meta_bg` are here.
  root_inode:
    value: group_descriptors[0].inodes[1]
    doc: Inode 2.
types:
  superblock:
    -webide-representation: '{volume_name} {uuid:uuid}'
    seq:
      - id: num_inodes
        type: u4
      - id: num_blocks_low
        type: u4
      - id: num_reserved_blocks_low
        type: u4
      - id: num_free_blocks_low
        type: u4
      - id: num_free_inodes
        type: u4
      - id: first_data_block
        type: u4
        doc: 1 if blocks have 1024 bytes, else 0.
      - id: log_block_size
        type: u4
        doc: The size of a block is 1024 shifted left by this.
        valid:
          max: 6
      - id: log_cluster_size
        type: u4
      - id: num_blocks_per_group
        type: u4
        valid:
          min: 1
      - id: num_clusters_per_group
        type: u4
      - id: num_inodes_per_group
        type: u4
      - id: mount_time
        type: u4
        -lazyhex-as: time32
      - id: write_time
        type: u4
        -lazyhex-as: time32
      - id: mount_count
        type: u2
      - id: max_mount_count
        type: s2
        doc: A check is due after this many mounts, if positive.
      - id: magic
        contents: [0x53, 0xef]
      - id: state
        type: state
        size: 2
      - id: errors
        type: u2
        enum: errors
        doc: What to do when an error is found.
      - id: minor_rev_level
        type: u2
      - id: last_check_time
        type: u4
        -lazyhex-as: time32
      - id: check_interval
        type: u4
        doc: In seconds.
      - id: creator_os
        type: u4
        enum: creator_os
      - id: rev_level
        type: u4
        enum: revision
      - id: default_reserved_uid
        type: u2
      - id: default_reserved_gid
        type: u2
      - id: first_inode
        type: u4
        doc: The first inode that is not reserved.
      - id: len_inode
        type: u2
      - id: block_group_nr
        type: u2
        doc: The group that holds this copy.
      - id: feature_compat
        type: feature_compat
        size: 4
      - id: feature_incompat
        type: feature_incompat
        size: 4
      - id: feature_ro_compat
        type: feature_ro_compat
        size: 4
      - id: uuid
        size: 16
        -lazyhex-as: uuid
      - id: volume_name
        type: strz
        size: 16
      - id: last_mounted
        type: strz
        size: 64
      - id: algorithm_usage_bitmap
        type: u4
      - id: num_prealloc_blocks
        type: u1
      - id: num_prealloc_dir_blocks
        type: u1
      - id: num_reserved_gdt_blocks
        type: u2
      - id: journal_uuid
        size: 16
        -lazyhex-as: uuid
      - id: journal_inode
        type: u4
      - id: journal_device
        type: u4
      - id: last_orphan
        type: u4
      - id: hash_seed
        size: 16
        -lazyhex-as: uuid
      - id: default_hash_version
        type: u1
        enum: hash_version
      - id: journal_backup_type
        type: u1
      - id: len_group_descriptor
        type: u2
      - id: default_mount_options
        type: u4
      - id: first_meta_bg
        type: u4
      - id: mkfs_time
        type: u4
        -lazyhex-as: time32
      - id: journal_blocks
        type: u4
        repeat: expr
        repeat-expr: 17
      - id: num_blocks_high
        type: u4
      - id: num_reserved_blocks_high
        type: u4
      - id: num_free_blocks_high
        type: u4
      - id: min_extra_isize
        type: u2
      - id: want_extra_isize
        type: u2
      - id: flags
        type: u4
      - id: raid_stride
        type: u2
      - id: mmp_interval
        type: u2
      - id: mmp_block
        type: u8
      - id: raid_stripe_width
        type: u4
      - id: log_groups_per_flex
        type: u1
      - id: checksum_type
        type: u1
      - id: reserved_pad
        type: u2
      - id: kbytes_written
        type: u8
      - id: snapshot_inode
        type: u4
      - id: snapshot_id
        type: u4
      - id: num_snapshot_reserved_blocks
        type: u8
      - id: snapshot_list
        type: u4
      - id: error_count
        type: u4
      - id: first_error
        type: error_record(true)
      - id: last_error
        type: error_record(false)
      - id: mount_options
        type: strz
        size: 64
      - id: user_quota_inode
        type: u4
      - id: group_quota_inode
        type: u4
      - id: overhead_clusters
        type: u4
      - id: backup_groups
        type: u4
        repeat: expr
        repeat-expr: 2
      - id: encrypt_algorithms
        size: 4
      - id: encrypt_pw_salt
        size: 16
      - id: lost_found_inode
        type: u4
      - id: project_quota_inode
        type: u4
      - id: checksum_seed
        type: u4
      - id: times_high
        size: 6
        doc: Fifth bytes of the times of write, mount, creation, check, first and last error.
      - id: first_error_code
        type: u1
      - id: last_error_code
        type: u1
      - id: encoding
        type: u2
      - id: encoding_flags
        type: u2
      - id: orphan_file_inode
        type: u4
      - id: reserved
        size: 376
      - id: checksum
        type: u4
  error_record:
    params:
      - id: is_first
        type: bool
    seq:
      - id: time
        type: u4
        -lazyhex-as: time32
      - id: inode
        type: u4
      - id: line_of_last
        type: u4
        if: not is_first
      - id: block
        type: u8
      - id: function
        type: strz
        size: 32
      - id: line_of_first
        type: u4
        if: is_first
  state:
    seq:
      - {id: is_clean, type: b1}
      - {id: has_errors, type: b1}
      - {id: has_orphans, type: b1}
  feature_compat:
    seq:
      - {id: dir_prealloc, type: b1}
      - {id: imagic_inodes, type: b1}
      - {id: has_journal, type: b1}
      - {id: ext_attr, type: b1}
      - {id: resize_inode, type: b1}
      - {id: dir_index, type: b1}
      - {id: lazy_bg, type: b1}
      - {id: exclude_inode, type: b1}
      - {id: exclude_bitmap, type: b1}
      - {id: sparse_super2, type: b1}
      - {id: fast_commit, type: b1}
      - {id: stable_inodes, type: b1}
      - {id: orphan_file, type: b1}
  feature_incompat:
    seq:
      - {id: compression, type: b1}
      - {id: filetype, type: b1}
      - {id: recover, type: b1}
      - {id: journal_dev, type: b1}
      - {id: meta_bg, type: b1}
      - {id: reserved_5, type: b1}
      - {id: extents, type: b1}
      - {id: has_64bit, type: b1}
      - {id: mmp, type: b1}
      - {id: flex_bg, type: b1}
      - {id: ea_inode, type: b1}
      - {id: reserved_11, type: b1}
      - {id: dirdata, type: b1}
      - {id: csum_seed, type: b1}
      - {id: largedir, type: b1}
      - {id: inline_data, type: b1}
      - {id: encrypt, type: b1}
      - {id: casefold, type: b1}
  feature_ro_compat:
    seq:
      - {id: sparse_super, type: b1}
      - {id: large_file, type: b1}
      - {id: btree_dir, type: b1}
      - {id: huge_file, type: b1}
      - {id: gdt_csum, type: b1}
      - {id: dir_nlink, type: b1}
      - {id: extra_isize, type: b1}
      - {id: has_snapshot, type: b1}
      - {id: quota, type: b1}
      - {id: bigalloc, type: b1}
      - {id: metadata_csum, type: b1}
      - {id: replica, type: b1}
      - {id: readonly, type: b1}
      - {id: project, type: b1}
      - {id: shared_blocks, type: b1}
      - {id: verity, type: b1}
      - {id: orphan_present, type: b1}
  group_descriptor:
    -webide-representation: >-
      inodes at block {inode_table_low:dec}, {num_free_blocks_low:dec} blocks free
    seq:
      - id: block_bitmap_low
        type: u4
      - id: inode_bitmap_low
        type: u4
      - id: inode_table_low
        type: u4
      - id: num_free_blocks_low
        type: u2
      - id: num_free_inodes_low
        type: u2
      - id: num_directories_low
        type: u2
      - id: flags
        type: group_flags
        size: 2
      - id: exclude_bitmap_low
        type: u4
      - id: block_bitmap_csum_low
        type: u2
      - id: inode_bitmap_csum_low
        type: u2
      - id: num_unused_inodes_low
        type: u2
      - id: checksum
        type: u2
      - id: high
        type: group_descriptor_high
        if: _io.size >= 64
    instances:
      block_bitmap_block:
        value: '(_io.size >= 64 ? high.block_bitmap : 0) * 0x100000000 + block_bitmap_low'
      inode_bitmap_block:
        value: '(_io.size >= 64 ? high.inode_bitmap : 0) * 0x100000000 + inode_bitmap_low'
      inode_table_block:
        value: '(_io.size >= 64 ? high.inode_table : 0) * 0x100000000 + inode_table_low'
      block_bitmap:
        io: _root._io
        pos: block_bitmap_block * _root.block_size
        size: _root.block_size
      inode_bitmap:
        io: _root._io
        pos: inode_bitmap_block * _root.block_size
        size: _root.block_size
      inodes:
        io: _root._io
        pos: inode_table_block * _root.block_size
        size: _root.len_inode
        type: inode
        repeat: expr
        repeat-expr: _root.super.num_inodes_per_group
        doc: Inodes count from 1, this list from 0.
  group_flags:
    seq:
      - {id: inode_uninit, type: b1}
      - {id: block_uninit, type: b1}
      - {id: inode_zeroed, type: b1}
  group_descriptor_high:
    seq:
      - id: block_bitmap
        type: u4
      - id: inode_bitmap
        type: u4
      - id: inode_table
        type: u4
      - id: num_free_blocks
        type: u2
      - id: num_free_inodes
        type: u2
      - id: num_directories
        type: u2
      - id: num_unused_inodes
        type: u2
      - id: exclude_bitmap
        type: u4
      - id: block_bitmap_csum
        type: u2
      - id: inode_bitmap_csum
        type: u2
      - id: reserved
        type: u4
  inode:
    -webide-representation: '{file_type} {permissions} {len_file_low:dec} bytes'
    seq:
      - id: permissions
        type: b12
        -lazyhex-as: octal
      - id: file_type
        type: b4
        enum: file_type
      - id: uid_low
        type: u2
      - id: len_file_low
        type: u4
      - id: access_time
        type: u4
        -lazyhex-as: time32
      - id: change_time
        type: u4
        -lazyhex-as: time32
      - id: modification_time
        type: u4
        -lazyhex-as: time32
      - id: deletion_time
        type: u4
        -lazyhex-as: time32
      - id: gid_low
        type: u2
      - id: num_links
        type: u2
      - id: num_sectors_low
        type: u4
        doc: In units of 512 bytes, or of blocks if `huge_file` is set.
      - id: flags
        type: inode_flags
        size: 4
      - id: version_low
        type: u4
      - id: block
        size: 60
        type:
          switch-on: block_use
          cases:
            'block_use::extents': extent_node(file_type == file_type::directory)
            'block_use::block_map': block_map(file_type == file_type::directory)
            'block_use::symlink': symlink
      - id: generation
        type: u4
      - id: file_acl_low
        type: u4
      - id: len_file_high
        type: u4
      - id: fragment_addr
        type: u4
      - id: num_sectors_high
        type: u2
      - id: file_acl_high
        type: u2
      - id: uid_high
        type: u2
      - id: gid_high
        type: u2
      - id: checksum_low
        type: u2
      - id: reserved
        type: u2
      - id: extra_isize
        type: u2
        if: _io.size > 128
        doc: Bytes in use after the first 128.
      - id: extra
        size: extra_isize - 2
        type: inode_extra
        if: _io.size > 128 and extra_isize >= 2
      - id: xattrs
        size-eos: true
        if: _io.size > 128
        doc: Extended attributes that fit into the inode.
    instances:
      len_file:
        value: len_file_high * 0x100000000 + len_file_low
      block_use:
        value: >-
          flags.inline_data ? 4
          : flags.extents ? 1
          : file_type == file_type::symlink and len_file_low < 60 ? 3
          : file_type == file_type::regular or file_type == file_type::directory
          or file_type == file_type::symlink ? 2
          : 0
        enum: block_use
  inode_flags:
    seq:
      - {id: secure_deletion, type: b1}
      - {id: undelete, type: b1}
      - {id: compressed, type: b1}
      - {id: sync, type: b1}
      - {id: immutable, type: b1}
      - {id: append_only, type: b1}
      - {id: no_dump, type: b1}
      - {id: no_atime, type: b1}
      - {id: dirty, type: b1}
      - {id: compressed_clusters, type: b1}
      - {id: no_compress, type: b1}
      - {id: encrypted, type: b1}
      - {id: indexed_directory, type: b1}
      - {id: imagic, type: b1}
      - {id: journal_data, type: b1}
      - {id: no_tail, type: b1}
      - {id: dir_sync, type: b1}
      - {id: top_of_directories, type: b1}
      - {id: huge_file, type: b1}
      - {id: extents, type: b1}
      - {id: verity, type: b1}
      - {id: ea_inode, type: b1}
      - {id: eof_blocks, type: b1}
      - {id: reserved_23, type: b1}
      - {id: snapshot, type: b1}
      - {id: dax, type: b1}
      - {id: snapshot_deleted, type: b1}
      - {id: snapshot_shrunk, type: b1}
      - {id: inline_data, type: b1}
      - {id: project_inherit, type: b1}
      - {id: casefold, type: b1}
      - {id: reserved_31, type: b1}
  inode_extra:
    doc: The fields that fit into `extra_isize`.
    seq:
      - id: checksum_high
        type: u2
        if: _io.size >= 2
      - id: change_time_extra
        type: u4
        if: _io.size >= 6
        doc: Two bits that extend the seconds, and the nanoseconds.
      - id: modification_time_extra
        type: u4
        if: _io.size >= 10
      - id: access_time_extra
        type: u4
        if: _io.size >= 14
      - id: creation_time
        type: u4
        if: _io.size >= 18
        -lazyhex-as: time32
      - id: creation_time_extra
        type: u4
        if: _io.size >= 22
      - id: version_high
        type: u4
        if: _io.size >= 26
      - id: project_id
        type: u4
        if: _io.size >= 30
  symlink:
    -webide-representation: '{target}'
    seq:
      - id: target
        type: strz
        size-eos: true
  extent_node:
    params:
      - id: is_directory
        type: bool
    seq:
      - id: magic
        contents: [0x0a, 0xf3]
      - id: num_entries
        type: u2
      - id: max_entries
        type: u2
      - id: depth
        type: u2
        doc: 0 in a leaf.
      - id: generation
        type: u4
      - id: extents
        type: extent(is_directory)
        repeat: expr
        repeat-expr: num_entries
        if: depth == 0
      - id: indexes
        type: extent_index(is_directory)
        repeat: expr
        repeat-expr: num_entries
        if: depth != 0
  extent_index:
    -webide-representation: 'from block {file_block:dec}'
    params:
      - id: is_directory
        type: bool
    seq:
      - id: file_block
        type: u4
      - id: leaf_low
        type: u4
      - id: leaf_high
        type: u2
      - id: unused
        type: u2
    instances:
      node:
        io: _root._io
        pos: (leaf_high * 0x100000000 + leaf_low) * _root.block_size
        size: _root.block_size
        type: extent_node(is_directory)
  extent:
    -webide-representation: 'blocks {file_block:dec} +{num_blocks:dec}'
    params:
      - id: is_directory
        type: bool
    seq:
      - id: file_block
        type: u4
      - id: len_raw
        type: u2
      - id: start_high
        type: u2
      - id: start_low
        type: u4
    instances:
      is_unwritten:
        value: len_raw > 32768
        doc: Allocated, but reads as zeros.
      num_blocks:
        value: 'len_raw > 32768 ? len_raw - 32768 : len_raw'
      ofs_data:
        value: (start_high * 0x100000000 + start_low) * _root.block_size
      data:
        io: _root._io
        pos: ofs_data
        size: num_blocks * _root.block_size
        if: not is_directory
      directory_blocks:
        io: _root._io
        pos: ofs_data
        size: _root.block_size
        type: directory_block
        repeat: expr
        repeat-expr: num_blocks
        if: is_directory
  block_map:
    doc: Block numbers, as in ext2.
    params:
      - id: is_directory
        type: bool
    seq:
      - id: direct
        type: block_pointer(is_directory, 0)
        repeat: expr
        repeat-expr: 12
      - id: indirect
        type: block_pointer(is_directory, 1)
      - id: double_indirect
        type: block_pointer(is_directory, 2)
      - id: triple_indirect
        type: block_pointer(is_directory, 3)
  block_pointer:
    -webide-representation: '{block:dec}'
    params:
      - id: is_directory
        type: bool
      - id: level
        type: u1
    seq:
      - id: block
        type: u4
        doc: 0 for a hole.
    instances:
      data:
        io: _root._io
        pos: block * _root.block_size
        size: _root.block_size
        if: block != 0 and level == 0 and not is_directory
      directory_block:
        io: _root._io
        pos: block * _root.block_size
        size: _root.block_size
        type: directory_block
        if: block != 0 and level == 0 and is_directory
      pointers:
        io: _root._io
        pos: block * _root.block_size
        type: block_pointer(is_directory, level - 1)
        repeat: expr
        repeat-expr: _root.block_size / 4
        if: block != 0 and level > 0
  directory_block:
    seq:
      - id: entries
        type: directory_entry
        repeat: eos
  directory_entry:
    -webide-representation: '{name} {file_type} inode {inode_number:dec}'
    seq:
      - id: inode_number
        type: u4
        doc: 0 if the entry is unused, or is the checksum of the block.
      - id: len_entry
        type: u2
      - id: len_name
        type: u1
      - id: file_type
        type: u1
        enum: entry_type
      - id: name
        type: str
        size: len_name
      - id: padding
        size: len_entry - 8 - len_name
    instances:
      group:
        value: (inode_number - 1) / _root.super.num_inodes_per_group
        if: inode_number != 0
      inode:
        io: _root._io
        pos: >-
          _root.group_descriptors[group].inode_table_block * _root.block_size
          + (inode_number - 1) % _root.super.num_inodes_per_group * _root.len_inode
        size: _root.len_inode
        type: inode
        if: inode_number != 0 and name != "." and name != ".."
enums:
  revision:
    0: original
    1: dynamic
  creator_os:
    0: linux
    1: hurd
    2: masix
    3: freebsd
    4: lites
  errors:
    1: continue
    2: remount_read_only
    3: panic
  hash_version:
    0: legacy
    1: half_md4
    2: tea
    3: legacy_unsigned
    4: half_md4_unsigned
    5: tea_unsigned
    6: siphash
  file_type:
    0x0: none
    0x1: fifo
    0x2: character_device
    0x4: directory
    0x6: block_device
    0x8: regular
    0xa: symlink
    0xc: socket
  block_use:
    0: other
    1: extents
    2: block_map
    3: symlink
    4: inline_data
  entry_type:
    0: unknown
    1: regular
    2: directory
    3: character_device
    4: block_device
    5: fifo
    6: socket
    7: symlink
    0xde: checksum
