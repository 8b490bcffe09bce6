// Reads a file with Kaitai's own compiler and JavaScript runtime, by one of our descriptions, and prints its integers:
// `path=value`, the fields and instances down to a depth. Modules are looked for in $NODE_PATH:
// npm install kaitai-struct-compiler kaitai-struct js-yaml
'use strict';
const fs = require('fs');
const path = require('path');
const vm = require('vm');
const yaml = require('js-yaml');
const KaitaiStream = require('kaitai-struct').KaitaiStream;
const compiler = require('kaitai-struct-compiler');

const [formats, format, depth, file] = process.argv.slice(2);
const load = (name) => yaml.load(fs.readFileSync(path.join(formats, name + '.ksy'), 'utf8'), { schema: yaml.CORE_SCHEMA });
const importer = { importYaml: (name) => Promise.resolve(load(name.replace(/^\//, ''))) };
compiler.compile('javascript', load(format), importer, false).then((files) => {
  const loaded = {};
  const find = (name) => {
    if (/KaitaiStream$/.test(name)) { return KaitaiStream; }
    const key = path.basename(name) + '.js';
    if (!loaded[key]) {
      const module = { exports: {} };
      loaded[key] = module.exports;
      const wrapped = vm.runInThisContext('(function(module, exports, require, self) {' + files[key] + '\n})');
      wrapped(module, module.exports, find, module.exports);
      loaded[key] = module.exports;
    }
    return loaded[key];
  };
  const id = load(format).meta.id;
  const main = id.split('_').map((it) => it[0].toUpperCase() + it.slice(1)).join('');
  const exported = find(main);
  const Root = exported[main] || exported;
  const snake = (it) => it.replace(/[A-Z]/g, (c) => '_' + c.toLowerCase());
  const lines = [];
  const walk = (value, at, left) => {
    if (Number.isInteger(value)) { lines.push(at + '=' + value); return; }
    if (value === null || typeof value !== 'object' || value instanceof Uint8Array || left < 0) { return; }
    if (Array.isArray(value)) { value.forEach((it, n) => walk(it, at + '[' + n + ']', left - 1)); return; }
    const names = Object.keys(value).filter((it) => !it.startsWith('_'))
      .concat(Object.getOwnPropertyNames(Object.getPrototypeOf(value)).filter((it) => it !== 'constructor' && !it.startsWith('_')));
    for (const name of names) {
      let inner;
      try { inner = value[name]; } catch (error) { continue; }
      if (inner && inner._io && inner._parent !== value && inner._parent !== undefined) { continue; }
      walk(inner, (at ? at + '.' : '') + snake(name), left - 1);
    }
  };
  const bytes = fs.readFileSync(file);
  const root = new Root(new KaitaiStream(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)));
  walk(root, '', Number(depth) - 1);
  process.stdout.write(lines.join('\n') + '\n');
}).catch((error) => { console.error(String(error && error.stack || error)); process.exit(1); });
