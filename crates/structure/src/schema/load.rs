//! Loading: descriptions and what they import, one type at a time.

use std::collections::HashMap;

use super::files::{Formats, import_path};
use super::reader::Scope;
use super::{Attr, AttrId, Endian, Enum, File, Member, Param, ParamType, Schema, Type, TypeId};
use crate::names::{Names, is_id};
use crate::problem::{Place, Problem, Severity};
use crate::yaml::{self, Yaml};

/// How many descriptions one may import, with what they import.
const MAX_FILES: usize = 256;

/// How long the path of a type may be.
const MAX_PATH: usize = 512;

/// The keys of a parameter.
const PARAM_KEYS: [&str; 5] = ["doc", "doc-ref", "enum", "id", "type"];

/// What a description was loaded into.
pub(crate) type Loaded = Result<Schema, Vec<Problem>>;

/// An import that is still to be read.
pub(super) struct Import {
    pub(super) path: String,
    /// The file that names it, and where.
    pub(super) by: usize,
    pub(super) at: Place,
    pub(super) scope: Scope,
}

/// A schema that is being made.
pub(super) struct Loader<'a> {
    formats: &'a dyn Formats,
    pub(super) names: Names,
    pub(super) types: Vec<Type>,
    pub(super) attrs: Vec<Attr>,
    pub(super) enums: Vec<Enum>,
    pub(super) files: Vec<File>,
    /// The file that is being read.
    pub(super) file: usize,
    pub(super) imports: Vec<Import>,
    pub(super) problems: Vec<Problem>,
    room: yaml::Room,
}

impl Schema {
    /// Loads a description by name, and what it imports.
    ///
    /// # Errors
    ///
    /// All mistakes that were found, each with its place.
    pub fn load(name: &str, formats: &dyn Formats) -> Result<Self, Vec<Problem>> {
        let mut loader = Loader {
            formats,
            names: Names::default(),
            types: Vec::new(),
            attrs: Vec::new(),
            enums: Vec::new(),
            files: Vec::new(),
            file: 0,
            imports: Vec::new(),
            problems: Vec::new(),
            room: yaml::Room::default(),
        };
        loader.first(name);
        while let Some(import) = loader.imports.pop() {
            loader.import(&import);
        }
        if loader.is_sound() {
            loader.resolve();
        }
        loader.finish()
    }
}

impl Loader<'_> {
    pub(super) fn is_sound(&self) -> bool {
        self.problems.iter().all(|it| it.severity != Severity::Error)
    }

    fn finish(self) -> Loaded {
        let root = self.files.first().and_then(|it| it.top);
        let (Some(root), true) = (root, self.is_sound()) else {
            return Err(self.problems);
        };
        Ok(Schema {
            names: self.names,
            types: self.types,
            attrs: self.attrs,
            enums: self.enums,
            files: self.files,
            root,
            warnings: self.problems,
        })
    }

    fn first(&mut self, name: &str) {
        self.files.push(File { name: name.to_owned(), ..File::default() });
        match self.formats.text(name) {
            Ok(Some(text)) => self.read(&text),
            Ok(None) => self.not_loaded("there is no description of this name".to_owned()),
            Err(reason) => self.not_loaded(reason),
        }
    }

    /// A description that has no text, and so no place in it.
    fn not_loaded(&mut self, message: String) {
        let file = self.files[self.file].name.clone();
        let severity = Severity::Error;
        self.problems.push(Problem { severity, file, place: None, path: String::new(), message });
    }

    fn import(&mut self, import: &Import) {
        self.file = import.by;
        if let Some(known) = self.files.iter().position(|it| it.name == import.path) {
            self.files[import.by].imports.push(known);
            return;
        }
        if self.files.len() == MAX_FILES {
            self.error(import.at, &import.scope, format!("more than {MAX_FILES} descriptions"));
            return;
        }
        match self.formats.text(&import.path) {
            Ok(Some(text)) => {
                let number = self.files.len();
                self.files[import.by].imports.push(number);
                self.files.push(File { name: import.path.clone(), ..File::default() });
                self.file = number;
                self.read(&text);
            }
            Ok(None) => {
                let message = format!("there is no description {:?}", import.path);
                self.error(import.at, &import.scope, message);
            }
            Err(reason) => self.error(import.at, &import.scope, reason),
        }
    }

    /// Notes an import, if it stays within the directories of formats.
    pub(super) fn note_import(&mut self, yaml: &Yaml, scope: &Scope) {
        let Some(name) = self.text(yaml, scope) else { return };
        let from = self.files[self.file].name.clone();
        let Some(path) = import_path(&from, name) else {
            let message = format!("{name:?} leads outside of the directories of descriptions");
            self.error(yaml.at, scope, message);
            return;
        };
        self.imports.push(Import { path, by: self.file, at: yaml.at, scope: scope.clone() });
    }

    /// Reads the text of the newest file.
    fn read(&mut self, text: &[u8]) {
        let top = Scope::at("");
        let Ok(text) = std::str::from_utf8(text) else {
            self.error(Place { line: 1, column: 1 }, &top, "the description is not UTF-8");
            return;
        };
        match yaml::parse(text, &mut self.room) {
            Ok(yaml) => {
                let id = self.files[self.file].name.rsplit('/').next().unwrap_or("").to_owned();
                let found = self.ty(&yaml, None, &id, &top);
                self.files[self.file].top = found;
            }
            Err(error) => self.problem(Severity::Error, error.at, "", error.message),
        }
    }

    /// Reads a type and those in it.
    pub(super) fn ty(
        &mut self,
        yaml: &Yaml,
        outer: Option<TypeId>,
        name: &str,
        scope: &Scope,
    ) -> Option<TypeId> {
        let pairs = self.map(yaml, scope)?;
        if scope.path().len() > MAX_PATH {
            // Every member of the type keeps the path.
            let message =
                format!("the names of the types around are longer than {MAX_PATH} bytes together");
            self.error(yaml.at, &Scope::at("/"), message);
            return None;
        }
        let mut path = name.to_owned();
        let mut made = Type::new(self.file, scope, yaml.at, outer);
        if let Some(outer) = outer {
            let around = &self.types[outer.0];
            path = format!("{}::{name}", around.path);
            made.endian = match around.endian {
                Endian::Switch { .. } => Endian::Inherit,
                ref other => other.clone(),
            };
            made.bit_order = around.bit_order;
            made.encoding.clone_from(&around.encoding);
        }
        made.path = path;
        let id = TypeId(self.types.len());
        self.types.push(made);
        let find =
            |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key)).map(|(_, it)| it);
        match find("meta") {
            Some(meta) => self.meta(id, meta, &scope.child("meta")),
            None if outer.is_none() => {
                self.error(
                    yaml.at,
                    &scope.child("meta"),
                    "no `meta/id` encountered in top-level class spec",
                );
            }
            None => {}
        }
        for (key, value) in pairs {
            let key_text = key.text().unwrap_or("");
            let at = scope.child(key_text);
            match key_text {
                "params" => self.params(id, value, &at),
                "seq" => self.seq(id, value, &at),
                "instances" => self.instances(id, value, &at),
                "enums" => self.enums(id, value, &at),
                "types" => self.types_in(id, value, &at),
                "to-string" => self.types[id.0].to_string = self.located(value, &at),
                "doc" => self.types[id.0].doc = value.text().map(str::to_owned),
                "-webide-representation" => self.types[id.0].show = self.show(value),
                "meta" | "doc-ref" => {}
                _ if key_text.starts_with('-') => {}
                _ => self.error(
                    key.at,
                    &at,
                    "unknown key found, expected: doc, doc-ref, enums, instances, meta, params, seq, to-string, types",
                ),
            }
        }
        self.members(id);
        Some(id)
    }

    fn types_in(&mut self, id: TypeId, yaml: &Yaml, scope: &Scope) {
        let Some(pairs) = self.map(yaml, scope) else { return };
        for (key, value) in pairs {
            let name = key.text().unwrap_or("");
            let at = scope.child(name);
            if !is_id(name) {
                self.bad_id(key, &at, "type", name);
                continue;
            }
            if let Some(inner) = self.ty(value, Some(id), name, &at) {
                self.types[id.0].types.insert(name.to_owned(), inner);
            }
        }
    }

    fn params(&mut self, id: TypeId, yaml: &Yaml, scope: &Scope) {
        let Some(items) = self.list(yaml, scope) else { return };
        for (index, item) in items.iter().enumerate() {
            let at = scope.item(index);
            let Some(pairs) = self.map(item, &at) else { continue };
            let find =
                |key: &str| pairs.iter().find(|(it, _)| it.text() == Some(key)).map(|(_, it)| it);
            let Some(name_at) = find("id") else {
                self.error(item.at, &at, "missing mandatory argument `id`");
                continue;
            };
            let name = name_at.text().unwrap_or("");
            if !is_id(name) {
                self.bad_id(name_at, &at.child("id"), "parameter", name);
                continue;
            }
            for (key, _) in pairs {
                let text = key.text().unwrap_or("");
                if !text.starts_with('-') && !PARAM_KEYS.contains(&text) {
                    let allowed = PARAM_KEYS.join(", ");
                    self.error(
                        key.at,
                        &at.child(text),
                        format!("unknown key found, expected: {allowed}"),
                    );
                }
            }
            let kind = find("type").and_then(Yaml::text).map_or(ParamType::Bytes, param_type);
            let enumeration = find("enum").and_then(|it| self.enum_name(it, &at.child("enum")));
            let name = self.names.intern(name);
            let path = at.path().to_owned();
            self.types[id.0].params.push(Param { name, kind, enumeration, path, at: item.at });
        }
    }

    fn seq(&mut self, id: TypeId, yaml: &Yaml, scope: &Scope) {
        let Some(items) = self.list(yaml, scope) else { return };
        for (index, item) in items.iter().enumerate() {
            let Some(attr) = self.attribute(id, item, &scope.item(index), Some(index)) else {
                continue;
            };
            let number = AttrId(self.attrs.len());
            self.attrs.push(attr);
            self.types[id.0].seq.push(number);
        }
        // A field of bits that is followed by one of bytes gives up the rest of its byte.
        let mut bits = false;
        for at in 0..self.types[id.0].seq.len() {
            let AttrId(number) = self.types[id.0].seq[at];
            let its = matches!(self.attrs[number].body.kind, super::Kind::Bits { .. });
            self.attrs[number].align = bits && !its;
            bits = its;
        }
    }

    fn instances(&mut self, id: TypeId, yaml: &Yaml, scope: &Scope) {
        let Some(pairs) = self.map(yaml, scope) else { return };
        for (key, value) in pairs {
            let name = key.text().unwrap_or("");
            let at = scope.child(name);
            if !is_id(name) {
                self.bad_id(key, &at, "instance", name);
                continue;
            }
            if let Some(attr) = self.instance(id, name, value, &at) {
                let number = AttrId(self.attrs.len());
                self.attrs.push(attr);
                self.types[id.0].instances.push(number);
            }
        }
    }

    /// Says which member each name is; no two may share one.
    fn members(&mut self, id: TypeId) {
        let this = &self.types[id.0];
        let mut all = Vec::new();
        for (at, param) in this.params.iter().enumerate() {
            all.push((param.name, Member::Param(at), format!("{}/id", param.path), param.at));
        }
        for (at, attr) in this.seq.iter().enumerate() {
            let attr = &self.attrs[attr.0];
            all.push((attr.name, Member::Seq(at), format!("{}/id", attr.path), attr.at));
        }
        for (at, attr) in this.instances.iter().enumerate() {
            let attr = &self.attrs[attr.0];
            all.push((attr.name, Member::Instance(at), attr.path.clone(), attr.at));
        }
        let mut paths: HashMap<crate::names::Name, String> = HashMap::new();
        let mut members = HashMap::new();
        for (name, member, path, at) in all {
            if let Some(first) = paths.get(&name) {
                let text = self.names.text(name).to_owned();
                let message =
                    format!("duplicate attribute ID '{text}', previously defined at {first}");
                self.error(at, &Scope::at(path), message);
                continue;
            }
            paths.insert(name, path);
            members.insert(name, member);
        }
        self.types[id.0].members = members;
    }
}

impl Type {
    fn new(file: usize, scope: &Scope, at: Place, outer: Option<TypeId>) -> Self {
        let path = scope.path();
        Self {
            path: String::new(),
            place_path: if path == "/" { String::new() } else { path.to_owned() },
            at,
            file,
            outer,
            endian: Endian::Missing,
            bit_order: None,
            encoding: None,
            params: Vec::new(),
            seq: Vec::new(),
            instances: Vec::new(),
            members: HashMap::new(),
            types: HashMap::new(),
            enums: HashMap::new(),
            to_string: None,
            show: None,
            doc: None,
            fixed_bits: None,
            is_short: false,
        }
    }
}

fn param_type(text: &str) -> ParamType {
    if let Some(of) = text.strip_suffix("[]") {
        return ParamType::List(Box::new(param_type(of)));
    }
    match text {
        "bytes" => ParamType::Bytes,
        "str" | "strz" => ParamType::Str,
        "bool" | "b1" => ParamType::Bool,
        "struct" => ParamType::Struct,
        "io" => ParamType::Io,
        "any" => ParamType::Any,
        "f4" | "f8" | "f4le" | "f4be" | "f8le" | "f8be" => ParamType::Float,
        _ if super::body::is_integer(text) => ParamType::Int,
        _ => ParamType::User(text.to_owned(), None),
    }
}
