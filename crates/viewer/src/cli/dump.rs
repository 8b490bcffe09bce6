//! `lazyhex dump`: formats bytes as lines.

use std::io::{self, IsTerminal};

use memmap::plugin::Schemes;

use crate::Failure;
use crate::cli::args::BytesArgs;
use crate::cli::stdout_pipe;
use crate::cli::stream::{More, Stream};
use crate::cli::text_writer::{BATCH_LEN, Interrupted, Texts, through};
use crate::format::{Formatter, Squeezing};
use crate::source::packed;

/// Bytes formatted at a time: whole rows in every format, and small enough to stay in the
/// processor's cache together with their lines.
const PIECE_LEN: usize = 64 * 240;

/// Prints all files as a single stream.
pub(crate) fn print(what: &BytesArgs, schemes: &Schemes) -> Result<(), Failure> {
    let format = what.format.unwrap_or_default();
    if format.is_literal() && what.files.len() > 1 {
        return Err(Failure::Usage(
            "c, rust, python and json are the array of one file; name only one, or join them: cat FILE... | \
             lazyhex dump --format c -",
        ));
    }
    let mut stream = Stream::of(what, schemes)?;
    if format.is_literal() {
        // What is on both sides of a gap is not one array.
        stream.keep_gaps();
    }
    if what.length == Some(0) && !format.is_literal() {
        // Like hexdump, print nothing, not even the end address.
        stream.next();
        return stream.end();
    }
    let mut stdout = io::stdout();
    let theme = what.color.theme(stdout.is_terminal());
    let squeezing = if what.no_squeeze { Squeezing::Off } else { Squeezing::On };
    let formatter = Formatter::new(format, squeezing, theme, stream.start());
    let mut formatter = formatter.shaped(format, what.shape()).map_err(Failure::Shape)?;
    if let Some(file) = what.files.first().filter(|it| it.as_os_str() != "-") {
        let inner = packed::inner(file);
        let file = inner.as_ref().unwrap_or(file);
        formatter.named(file.as_os_str().as_encoded_bytes());
    }
    stdout_pipe::widen_stdout();
    match through(&mut stdout, |texts| {
        append_lines(&mut stream, formatter, texts);
        Ok(())
    }) {
        // The reader has closed the pipe: `lazyhex F | head`.
        Err(Interrupted::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Interrupted::Write(error)) => Err(Failure::Output(error)),
        Err(Interrupted::Read(error)) => Err(Failure::Source(error)),
        Ok(()) => stream.end(),
    }
}

/// Formats the stream and passes on the texts. Ends early if the writer has ended; the writer
/// reports the error.
fn append_lines(stream: &mut Stream<'_>, mut formatter: Formatter, mut texts: Texts) {
    let row_len = formatter.row_len();
    let mut piece = vec![0; PIECE_LEN / row_len * row_len];
    let mut more = More::Bytes;
    while let Some(mut text) = texts.next() {
        let mut is_due = false;
        while more == More::Bytes && text.len() < BATCH_LEN && !is_due {
            if let Some(address) = stream.passed_gap() {
                formatter.go_to(address);
            }
            if formatter.squeezes_zeros() {
                formatter.skip_zeros(stream.skip_hole(row_len));
            }
            let len;
            (len, more) = stream.fill(&mut piece, row_len);
            formatter.append(piece.get(..len).unwrap_or_default(), &mut text);
            // Squeezed rows produce no text. Pass on what there is, even nothing, so that the
            // writer notices a closed pipe.
            is_due = stream.let_go();
        }
        if more == More::End {
            formatter.append_end(&mut text);
        }
        if !texts.hand_over(text) || more != More::Bytes {
            return;
        }
    }
}
