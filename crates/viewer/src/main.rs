//! The program. Everything is in the library, so that tests reach it.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    lazyhex::main()
}
