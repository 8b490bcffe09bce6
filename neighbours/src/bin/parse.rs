//! Parses a file that another process cuts short meanwhile, for `cargo xtask neighbours --cut`.
//!
//! `parse make PARSER FILE` makes the file. `parse WAY PARSER FILE` maps it, prints `mapped`, waits for a line, and
//! then parses it and reads all of it.

#![forbid(unsafe_code)]

use std::env;
use std::error::Error;
use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use arrow_array::{Array, Int64Array, RecordBatch, cast::AsArray, types::Int64Type};
use arrow_buffer::Buffer;
use arrow_ipc::reader::{FileDecoder, FileReader, read_footer_length};
use arrow_ipc::{convert::try_fb_to_schema, root_as_footer, writer::FileWriter};
use bytes::Bytes;
use memmap::{FrozenMap, MemMap, Mode, Progress, Proofs, proof::OnLostPage};
use object::write::Object;
use object::{Architecture, BinaryFormat, Endianness, SectionKind};
use rkyv::{Archive, Serialize};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use symbolic_common::ByteView;

type Result<T = String> = std::result::Result<T, Box<dyn Error>>;

const LEN: usize = 1 << 20;

#[derive(Archive, Serialize)]
struct Numbers {
    all: Vec<u64>,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [way, parser, path] = &arguments[..] else {
        return Err("usage: parse make|WAY PARSER FILE".into());
    };
    let path = Path::new(path);
    let mapped = || {
        println!("mapped");
        io::stdin().read_line(&mut String::new())
    };
    let first_touch = Proofs::none().first_touch();
    let found = match &**way {
        "make" => return make(parser, path),
        "memmap2" => {
            let view = ByteView::open(path)?;
            mapped()?;
            parse(parser, Bytes::from_owner(view))
        }
        "abort" | "zeros" | "touched" => {
            let on_lost = if way == "zeros" { OnLostPage::Zeros } else { OnLostPage::Abort };
            let frozen = FrozenMap::open_with(path, first_touch.on_lost(on_lost))?;
            if way == "touched" {
                frozen.prefault(.., &Progress::new())?;
            }
            mapped()?;
            tell(parse(parser, Bytes::from_owner(frozen.clone())));
            for lost in frozen.lost() {
                println!("`lost()`: bytes {:?}: {}", lost.range, lost.error);
            }
            return Ok(());
        }
        "read" => {
            let map = MemMap::open(path, Mode::Read)?;
            mapped()?;
            read(parser, &map)
        }
        _ => return Err("unknown way".into()),
    };
    tell(found);
    Ok(())
}

fn tell(found: Result) {
    match found {
        Ok(found) => println!("{found}"),
        Err(error) => println!("error: {error}"),
    }
}

fn make(parser: &str, path: &Path) -> Result<()> {
    match parser {
        "goblin" => {
            let mut program =
                Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
            let data = program.add_section(Vec::new(), b".data".to_vec(), SectionKind::Data);
            program.append_section_data(data, &vec![1; LEN], 8);
            fs::write(path, program.write()?)?;
        }
        "safetensors" => {
            let ones = vec![1; LEN];
            let view = TensorView::new(Dtype::U8, vec![LEN], &ones)?;
            fs::write(path, safetensors::serialize([("ones", view)], None)?)?;
        }
        "arrow" => {
            let numbers: Arc<dyn Array> = Arc::new(Int64Array::from(vec![1; LEN / 8]));
            let batch = RecordBatch::try_from_iter([("number", numbers)])?;
            let mut writer = FileWriter::try_new(File::create(path)?, &batch.schema())?;
            writer.write(&batch)?;
            writer.finish()?;
        }
        "rkyv" => {
            let numbers = Numbers { all: vec![1; LEN / 8] };
            fs::write(path, rkyv::to_bytes::<rkyv::rancor::Error>(&numbers)?)?;
        }
        "csv" => fs::write(path, "name,number\n".to_owned() + &"one,1\n".repeat(LEN / 6))?,
        _ => return Err("unknown parser".into()),
    }
    Ok(())
}

/// Parses a slice.
fn parse(parser: &str, bytes: Bytes) -> Result {
    match parser {
        "goblin" => {
            let elf = goblin::elf::Elf::parse(&bytes)?;
            let mut sum = 0;
            for section in &elf.section_headers {
                let range = section.file_range().unwrap_or_default();
                sum += total(bytes.get(range).ok_or("a section is outside the file")?);
            }
            Ok(format!("{} sections, sum {sum}", elf.section_headers.len()))
        }
        "safetensors" => {
            let tensors = SafeTensors::deserialize(&bytes)?;
            Ok(format!("sum {}", total(tensors.tensor("ones")?.data())))
        }
        "arrow" => arrow(&Buffer::from(bytes)),
        "rkyv" => {
            let numbers = rkyv::access::<ArchivedNumbers, rkyv::rancor::Error>(&bytes)?;
            let sum: u64 = numbers.all.iter().map(|number| number.to_native()).sum();
            Ok(format!("{} numbers, sum {sum}", numbers.all.len()))
        }
        "csv" => csv(&*bytes),
        _ => Err("unknown parser".into()),
    }
}

/// Parses without a slice of the file: by a reader, or over a copy.
fn read(parser: &str, map: &MemMap) -> Result {
    match parser {
        "csv" => csv(map.reader()),
        "arrow" => {
            let mut sum = 0;
            for batch in FileReader::try_new(map.reader(), None)? {
                sum += batch?.column(0).as_primitive::<Int64Type>().values().iter().sum::<i64>();
            }
            Ok(format!("sum {sum}"))
        }
        _ => parse(parser, map.read_at(0, usize::try_from(map.len())?)?.into()),
    }
}

fn total(bytes: &[u8]) -> u64 {
    bytes.iter().map(|&byte| u64::from(byte)).sum()
}

fn csv(reader: impl io::Read) -> Result {
    let mut sum = 0;
    for record in csv::Reader::from_reader(reader).records() {
        sum += record?.get(1).ok_or("no number")?.parse::<u64>()?;
    }
    Ok(format!("sum {sum}"))
}

fn arrow(buffer: &Buffer) -> Result {
    let end = buffer.len() - 10;
    let footer_len = read_footer_length(buffer[end..].try_into()?)?;
    let footer =
        root_as_footer(&buffer[end - footer_len..end]).map_err(|error| error.to_string())?;
    let schema = Arc::new(try_fb_to_schema(footer.schema().ok_or("no schema")?)?);
    let decoder = FileDecoder::new(schema, footer.version());
    let mut sum = 0;
    for block in footer.recordBatches().iter().flatten() {
        let len = usize::try_from(block.bodyLength())? + usize::try_from(block.metaDataLength())?;
        let part = buffer.slice_with_length(usize::try_from(block.offset())?, len);
        let batch = decoder.read_record_batch(block, &part)?.ok_or("not a batch")?;
        sum += batch.column(0).as_primitive::<Int64Type>().values().iter().sum::<i64>();
    }
    Ok(format!("sum {sum}"))
}
