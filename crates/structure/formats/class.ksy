# Recognised by its first four bytes. Universal binaries of Apple start with the same ones; they
# have a small number at 4 where a class file has its version, which is at least 45.
meta:
  id: java_class
  title: Java class file
  application: Java virtual machine, Kotlin, Scala
  file-extension: class
  license: MIT OR Apache-2.0
  endian: be
  encoding: UTF-8
  bit-endian: be
doc-ref: https://docs.oracle.com/javase/specs/jvms/se21/html/jvms-4.html
seq:
  - id: magic
    contents: [0xca, 0xfe, 0xba, 0xbe]
  - id: minor_version
    doc: 65535 for a class that uses preview features.
    type: u2
  - id: major_version
    doc: 45 is Java 1.1, 52 is Java 8, 65 is Java 21.
    type: u2
    valid: { min: 45 }
  - id: num_constants
    -orig-id: constant_pool_count
    doc: Number of constants plus 1; constants are numbered from 1.
    type: u2
  - id: constant_pool
    doc: Constant number n is element n - 1.
    type: 'constant(_index != 0 ? constant_pool[_index - 1].is_wide : false)'
    repeat: expr
    repeat-expr: num_constants - 1
  - id: access_flags
    type: class_access_flags
  - id: this_class
    type: u2
  - id: super_class
    doc: 0 only for java.lang.Object and modules.
    type: u2
  - id: num_interfaces
    type: u2
  - id: interfaces
    type: u2
    repeat: expr
    repeat-expr: num_interfaces
  - id: num_fields
    type: u2
  - id: fields
    type: field
    repeat: expr
    repeat-expr: num_fields
  - id: num_methods
    type: u2
  - id: methods
    type: method
    repeat: expr
    repeat-expr: num_methods
  - id: num_attributes
    type: u2
  - id: attributes
    type: attribute
    repeat: expr
    repeat-expr: num_attributes
instances:
  name:
    value: constant_pool[this_class - 1].name
  super_name:
    value: constant_pool[super_class - 1].name
    if: super_class != 0
types:
  constant:
    -webide-representation: '{tag} {text}{name}{integer}{long}{float}{double}{class_name} {member_name}'
    params:
      - id: is_second_half
        doc: The slot after a 64-bit constant is unused.
        type: bool
    seq:
      - id: tag
        type: u1
        enum: constant_tag
        if: not is_second_half
      - id: len_text
        type: u2
        if: is_text
      - id: text
        size: len_text
        type: str
        if: is_text
      - id: integer
        type: s4
        if: has_tag and tag == constant_tag::integer
      - id: float
        type: f4
        if: has_tag and tag == constant_tag::float
      - id: long
        type: s8
        if: has_tag and tag == constant_tag::long
      - id: double
        type: f8
        if: has_tag and tag == constant_tag::double
      - id: reference_kind
        type: u1
        enum: reference_kind
        if: has_tag and tag == constant_tag::method_handle
      - id: reference_index
        type: u2
        if: has_tag and tag == constant_tag::method_handle
      - id: name_index
        type: u2
        if: |
          has_tag and (tag == constant_tag::class_info or tag == constant_tag::string
            or tag == constant_tag::module or tag == constant_tag::package
            or tag == constant_tag::method_type)
      - id: class_index
        type: u2
        if: is_member
      - id: name_and_type_index
        type: u2
        if: is_member
      - id: bootstrap_method_index
        type: u2
        if: is_dynamic
      - id: dynamic_name_and_type_index
        type: u2
        if: is_dynamic
      - id: member_name_index
        type: u2
        if: has_tag and tag == constant_tag::name_and_type
      - id: member_descriptor_index
        type: u2
        if: has_tag and tag == constant_tag::name_and_type
    instances:
      has_tag:
        value: not is_second_half
      is_wide:
        value: 'has_tag ? tag == constant_tag::long or tag == constant_tag::double : false'
      is_text:
        value: 'has_tag ? tag == constant_tag::utf8 : false'
      is_member:
        value: |
          has_tag ? tag == constant_tag::field or tag == constant_tag::method
            or tag == constant_tag::interface_method : false
      is_dynamic:
        value: |
          has_tag ? tag == constant_tag::dynamic or tag == constant_tag::invoke_dynamic : false
      name:
        doc: Name of a class, module or package, or the text of a string.
        value: _root.constant_pool[name_index - 1].text
        if: |
          has_tag and (tag == constant_tag::class_info or tag == constant_tag::string
            or tag == constant_tag::module or tag == constant_tag::package
            or tag == constant_tag::method_type)
      class_name:
        value: _root.constant_pool[class_index - 1].name
        if: is_member
      member_name:
        value: |
          tag == constant_tag::name_and_type ? _root.constant_pool[member_name_index - 1].text
            : is_member ? _root.constant_pool[_root.constant_pool[name_and_type_index - 1].member_name_index - 1].text
            : _root.constant_pool[_root.constant_pool[dynamic_name_and_type_index - 1].member_name_index - 1].text
        if: is_member or is_dynamic or (has_tag and tag == constant_tag::name_and_type)
  class_access_flags:
    seq:
      - id: is_module
        type: b1
      - id: is_enum
        type: b1
      - id: is_annotation
        type: b1
      - id: is_synthetic
        type: b1
      - id: unused_0800
        type: b1
      - id: is_abstract
        type: b1
      - id: is_interface
        type: b1
      - id: unused_0100
        type: b1
      - id: unused_0080
        type: b1
      - id: unused_0040
        type: b1
      - id: is_super
        type: b1
      - id: is_final
        type: b1
      - id: is_static
        type: b1
      - id: is_protected
        type: b1
      - id: is_private
        type: b1
      - id: is_public
        type: b1
  field_access_flags:
    seq:
      - id: unused_8000
        type: b1
      - id: is_enum
        type: b1
      - id: unused_2000
        type: b1
      - id: is_synthetic
        type: b1
      - id: unused_0800
        type: b1
      - id: unused_0400
        type: b1
      - id: unused_0200
        type: b1
      - id: unused_0100
        type: b1
      - id: is_transient
        type: b1
      - id: is_volatile
        type: b1
      - id: unused_0020
        type: b1
      - id: is_final
        type: b1
      - id: is_static
        type: b1
      - id: is_protected
        type: b1
      - id: is_private
        type: b1
      - id: is_public
        type: b1
  method_access_flags:
    seq:
      - id: unused_8000
        type: b1
      - id: unused_4000
        type: b1
      - id: unused_2000
        type: b1
      - id: is_synthetic
        type: b1
      - id: is_strict
        type: b1
      - id: is_abstract
        type: b1
      - id: unused_0200
        type: b1
      - id: is_native
        type: b1
      - id: has_variable_arguments
        type: b1
      - id: is_bridge
        type: b1
      - id: is_synchronized
        type: b1
      - id: is_final
        type: b1
      - id: is_static
        type: b1
      - id: is_protected
        type: b1
      - id: is_private
        type: b1
      - id: is_public
        type: b1
  field:
    -webide-representation: '{name} {descriptor}'
    seq:
      - id: access_flags
        type: field_access_flags
      - id: name_index
        type: u2
      - id: descriptor_index
        type: u2
      - id: num_attributes
        type: u2
      - id: attributes
        type: attribute
        repeat: expr
        repeat-expr: num_attributes
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
        if: name_index != 0
      descriptor:
        value: _root.constant_pool[descriptor_index - 1].text
        if: descriptor_index != 0
  method:
    -webide-representation: '{name} {descriptor}'
    seq:
      - id: access_flags
        type: method_access_flags
      - id: name_index
        type: u2
      - id: descriptor_index
        type: u2
      - id: num_attributes
        type: u2
      - id: attributes
        type: attribute
        repeat: expr
        repeat-expr: num_attributes
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
        if: name_index != 0
      descriptor:
        value: _root.constant_pool[descriptor_index - 1].text
        if: descriptor_index != 0
  attribute:
    -webide-representation: '{name} {body}'
    seq:
      - id: name_index
        type: u2
      - id: len_body
        type: u4
      - id: body
        size: len_body
        type:
          switch-on: name
          cases:
            '"ConstantValue"': constant_value
            '"Code"': code
            '"StackMapTable"': stack_map_table
            '"Exceptions"': exceptions
            '"InnerClasses"': inner_classes
            '"EnclosingMethod"': enclosing_method
            '"Signature"': signature
            '"SourceFile"': source_file
            '"SourceDebugExtension"': source_debug_extension
            '"LineNumberTable"': line_numbers
            '"LocalVariableTable"': local_variables
            '"LocalVariableTypeTable"': local_variables
            '"BootstrapMethods"': bootstrap_methods
            '"MethodParameters"': method_parameters
            '"NestHost"': nest_host
            '"NestMembers"': class_list
            '"PermittedSubclasses"': class_list
            '"Record"': record
            '"Module"': module
            '"ModulePackages"': module_packages
            '"ModuleMainClass"': nest_host
            '"RuntimeVisibleAnnotations"': annotations
            '"RuntimeInvisibleAnnotations"': annotations
            '"RuntimeVisibleParameterAnnotations"': parameter_annotations
            '"RuntimeInvisibleParameterAnnotations"': parameter_annotations
            '"AnnotationDefault"': element_value
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
  constant_value:
    seq:
      - id: constant_index
        type: u2
  code:
    -webide-representation: '{len_code} bytes, stack {max_stack}, locals {max_locals}'
    seq:
      - id: max_stack
        type: u2
      - id: max_locals
        type: u2
      - id: len_code
        type: u4
      - id: code
        size: len_code
      - id: num_handlers
        type: u2
      - id: handlers
        type: exception_handler
        repeat: expr
        repeat-expr: num_handlers
      - id: num_attributes
        type: u2
      - id: attributes
        type: attribute
        repeat: expr
        repeat-expr: num_attributes
  exception_handler:
    -webide-representation: '{start_pc:dec}..{end_pc:dec} to {handler_pc:dec}'
    seq:
      - id: start_pc
        type: u2
      - id: end_pc
        type: u2
      - id: handler_pc
        type: u2
      - id: catch_type
        doc: Class of the exception; 0 means any.
        type: u2
  stack_map_table:
    seq:
      - id: num_entries
        type: u2
      - id: entries
        type: stack_map_frame
        repeat: expr
        repeat-expr: num_entries
  stack_map_frame:
    -webide-representation: '{frame_type:dec}'
    seq:
      - id: frame_type
        doc: |
          0-63 same, 64-127 one stack item, 247 the same extended, 248-250 chop,
          251 same extended, 252-254 append, 255 full.
        type: u1
      - id: offset_delta
        type: u2
        if: frame_type >= 247
      - id: appended_locals
        type: verification_type
        repeat: expr
        repeat-expr: frame_type - 251
        if: frame_type >= 252 and frame_type <= 254
      - id: num_locals
        type: u2
        if: frame_type == 255
      - id: locals
        type: verification_type
        repeat: expr
        repeat-expr: num_locals
        if: frame_type == 255
      - id: num_stack_items
        type: u2
        if: frame_type == 255
      - id: stack
        type: verification_type
        repeat: expr
        repeat-expr: 'frame_type == 255 ? num_stack_items : 1'
        if: frame_type == 255 or frame_type == 247 or (frame_type >= 64 and frame_type <= 127)
  verification_type:
    -webide-representation: '{tag}'
    seq:
      - id: tag
        type: u1
        enum: verification_tag
      - id: class_index
        type: u2
        if: tag == verification_tag::object_variable
      - id: offset
        doc: Offset of the instruction that created the object.
        type: u2
        if: tag == verification_tag::uninitialized
  exceptions:
    seq:
      - id: num_classes
        type: u2
      - id: class_indexes
        type: u2
        repeat: expr
        repeat-expr: num_classes
  class_list:
    seq:
      - id: num_classes
        type: u2
      - id: class_indexes
        type: u2
        repeat: expr
        repeat-expr: num_classes
  module_packages:
    seq:
      - id: num_packages
        type: u2
      - id: package_indexes
        type: u2
        repeat: expr
        repeat-expr: num_packages
  inner_classes:
    seq:
      - id: num_classes
        type: u2
      - id: classes
        type: inner_class
        repeat: expr
        repeat-expr: num_classes
  inner_class:
    -webide-representation: '{inner_name}'
    seq:
      - id: inner_class_index
        type: u2
      - id: outer_class_index
        type: u2
      - id: inner_name_index
        type: u2
      - id: access_flags
        type: class_access_flags
    instances:
      inner_name:
        value: _root.constant_pool[inner_name_index - 1].text
        if: inner_name_index != 0
  enclosing_method:
    seq:
      - id: class_index
        type: u2
      - id: method_index
        type: u2
  nest_host:
    -webide-representation: '{class_name}'
    seq:
      - id: class_index
        type: u2
    instances:
      class_name:
        value: _root.constant_pool[class_index - 1].name
  signature:
    -webide-representation: '{text}'
    seq:
      - id: text_index
        type: u2
    instances:
      text:
        value: _root.constant_pool[text_index - 1].text
        if: text_index != 0
  source_file:
    -webide-representation: '{text}'
    seq:
      - id: text_index
        type: u2
    instances:
      text:
        value: _root.constant_pool[text_index - 1].text
        if: text_index != 0
  source_debug_extension:
    seq:
      - id: text
        type: str
        size-eos: true
  line_numbers:
    seq:
      - id: num_entries
        type: u2
      - id: entries
        type: line_number
        repeat: expr
        repeat-expr: num_entries
  line_number:
    -webide-representation: '{start_pc:dec} line {line:dec}'
    seq:
      - id: start_pc
        type: u2
      - id: line
        type: u2
  local_variables:
    seq:
      - id: num_entries
        type: u2
      - id: entries
        type: local_variable
        repeat: expr
        repeat-expr: num_entries
  local_variable:
    -webide-representation: '{name} {descriptor}'
    seq:
      - id: start_pc
        type: u2
      - id: len_range
        type: u2
      - id: name_index
        type: u2
      - id: descriptor_index
        type: u2
      - id: local_index
        type: u2
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
        if: name_index != 0
      descriptor:
        value: _root.constant_pool[descriptor_index - 1].text
        if: descriptor_index != 0
  bootstrap_methods:
    seq:
      - id: num_methods
        type: u2
      - id: methods
        type: bootstrap_method
        repeat: expr
        repeat-expr: num_methods
  bootstrap_method:
    seq:
      - id: method_index
        type: u2
      - id: num_arguments
        type: u2
      - id: argument_indexes
        type: u2
        repeat: expr
        repeat-expr: num_arguments
  method_parameters:
    seq:
      - id: num_parameters
        type: u1
      - id: parameters
        type: method_parameter
        repeat: expr
        repeat-expr: num_parameters
  method_parameter:
    -webide-representation: '{name}'
    seq:
      - id: name_index
        type: u2
      - id: access_flags
        type: u2
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
        if: name_index != 0
  record:
    seq:
      - id: num_components
        type: u2
      - id: components
        type: record_component
        repeat: expr
        repeat-expr: num_components
  record_component:
    -webide-representation: '{name} {descriptor}'
    seq:
      - id: name_index
        type: u2
      - id: descriptor_index
        type: u2
      - id: num_attributes
        type: u2
      - id: attributes
        type: attribute
        repeat: expr
        repeat-expr: num_attributes
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
        if: name_index != 0
      descriptor:
        value: _root.constant_pool[descriptor_index - 1].text
        if: descriptor_index != 0
  module:
    -webide-representation: '{name}'
    seq:
      - id: name_index
        type: u2
      - id: flags
        type: u2
      - id: version_index
        type: u2
      - id: num_requires
        type: u2
      - id: requires
        type: required_module
        repeat: expr
        repeat-expr: num_requires
      - id: num_exports
        type: u2
      - id: exports
        type: package_access
        repeat: expr
        repeat-expr: num_exports
      - id: num_opens
        type: u2
      - id: opens
        type: package_access
        repeat: expr
        repeat-expr: num_opens
      - id: num_uses
        type: u2
      - id: uses
        type: u2
        repeat: expr
        repeat-expr: num_uses
      - id: num_provides
        type: u2
      - id: provides
        type: provided_service
        repeat: expr
        repeat-expr: num_provides
    instances:
      name:
        value: _root.constant_pool[name_index - 1].name
  required_module:
    -webide-representation: '{name}'
    seq:
      - id: name_index
        type: u2
      - id: flags
        type: u2
      - id: version_index
        type: u2
    instances:
      name:
        value: _root.constant_pool[name_index - 1].name
  package_access:
    -webide-representation: '{name}'
    seq:
      - id: package_index
        type: u2
      - id: flags
        type: u2
      - id: num_modules
        type: u2
      - id: module_indexes
        type: u2
        repeat: expr
        repeat-expr: num_modules
    instances:
      name:
        value: _root.constant_pool[package_index - 1].name
  provided_service:
    -webide-representation: '{name}'
    seq:
      - id: class_index
        type: u2
      - id: num_classes
        type: u2
      - id: class_indexes
        type: u2
        repeat: expr
        repeat-expr: num_classes
    instances:
      name:
        value: _root.constant_pool[class_index - 1].name
  annotations:
    seq:
      - id: num_annotations
        type: u2
      - id: annotations
        type: annotation
        repeat: expr
        repeat-expr: num_annotations
  parameter_annotations:
    seq:
      - id: num_parameters
        type: u1
      - id: parameters
        type: annotations
        repeat: expr
        repeat-expr: num_parameters
  annotation:
    -webide-representation: '{type}'
    seq:
      - id: type_index
        type: u2
      - id: num_elements
        type: u2
      - id: elements
        type: annotation_element
        repeat: expr
        repeat-expr: num_elements
    instances:
      type:
        value: _root.constant_pool[type_index - 1].text
        if: type_index != 0
  annotation_element:
    -webide-representation: '{name} {value}'
    seq:
      - id: name_index
        type: u2
      - id: value
        type: element_value
    instances:
      name:
        value: _root.constant_pool[name_index - 1].text
        if: name_index != 0
  element_value:
    -webide-representation: '{tag}'
    seq:
      - id: tag
        type: u1
        enum: element_tag
      - id: value_index
        doc: Index of a constant, or of the descriptor of a class.
        type: u2
        if: |
          tag != element_tag::enum_constant and tag != element_tag::annotation
            and tag != element_tag::array
      - id: enum_type_index
        type: u2
        if: tag == element_tag::enum_constant
      - id: enum_name_index
        type: u2
        if: tag == element_tag::enum_constant
      - id: annotation
        type: annotation
        if: tag == element_tag::annotation
      - id: num_values
        type: u2
        if: tag == element_tag::array
      - id: values
        type: element_value
        repeat: expr
        repeat-expr: num_values
        if: tag == element_tag::array
enums:
  constant_tag:
    1: utf8
    3: integer
    4: float
    5: long
    6: double
    7: class_info
    8: string
    9: field
    10: method
    11: interface_method
    12: name_and_type
    15: method_handle
    16: method_type
    17: dynamic
    18: invoke_dynamic
    19: module
    20: package
  reference_kind:
    1: get_field
    2: get_static
    3: put_field
    4: put_static
    5: invoke_virtual
    6: invoke_static
    7: invoke_special
    8: new_invoke_special
    9: invoke_interface
  verification_tag:
    0: top
    1: integer
    2: float
    3: double
    4: long
    5: null_object
    6: uninitialized_this
    7: object_variable
    8: uninitialized
  element_tag:
    0x40: annotation
    0x42: byte
    0x43: char
    0x44: double
    0x46: float
    0x49: int
    0x4a: long
    0x53: short
    0x5a: boolean
    0x5b: array
    0x63: class_info
    0x65: enum_constant
    0x73: string
