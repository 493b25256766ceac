//! How a change of a PIN looks.

use crate::api::pins::PinChanged;
use crate::cli::error::CliError;
use crate::cli::output;

/// A PIN that was changed; one that was made is shown this once.
pub(super) fn changed(verb: &str, changed: &PinChanged, json: bool) -> Result<String, CliError> {
    if json {
        return output::json(changed);
    }
    let mut text = format!("the PIN of {} {verb}", changed.scope);
    if let Some(pin) = &changed.pin {
        text.push_str(&format!(
            ": {pin}\nit is not shown again: note it where only those read it who shall know it"
        ));
    }
    output::add_notes(&mut text, &changed.warnings);
    Ok(text)
}
