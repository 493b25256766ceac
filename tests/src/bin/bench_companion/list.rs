//! The list of numbers that is asked about.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use blacklist_tests::house::House;

/// Where the daemon is asked.
pub(crate) const REDIRECT: &str = "127.0.0.1:5065";
pub(crate) const SCREEN: &str = "127.0.0.1:8065";

/// A number of the list; those from the list's size on are not in it.
pub(crate) fn number(index: u32) -> String {
    format!("+1{:010}", 2_000_000_000_u64 + u64::from(index))
}

/// A daemon that can be asked.
pub(crate) fn house(program: &Path, size: u32) -> anyhow::Result<House> {
    let companion = format!(
        "[companion]\nenabled = true\nlisten = {REDIRECT:?}\nhttp = {SCREEN:?}\nmaximum_per_second = 1000000\n"
    );
    House::build("bench-companion", program, size, &companion)
}

/// Puts the list in force.
pub(crate) fn fill(house: &House, size: u32) -> anyhow::Result<()> {
    let path = house.folder().join("numbers.csv");
    let mut file = std::io::BufWriter::new(std::fs::File::create(&path)?);
    for index in 0..size {
        writeln!(file, "{}", number(index))?;
    }
    file.flush()?;
    house.ask(&["list", "add", "bulk"])?;
    let text = path.to_str().context("a folder that is no text")?;
    house.ask(&["import", text, "--list", "bulk"])?;
    Ok(())
}

/// The list as somebody else keeps it.
pub(crate) fn mirror(house: &House, format: &str) -> anyhow::Result<PathBuf> {
    let path = house.folder().join(format);
    let text = path.to_str().context("a folder that is no text")?;
    house.ask(&["mirror", text, "--format", format, "--list", "bulk"])?;
    Ok(path)
}
