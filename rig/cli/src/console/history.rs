//! Where typed lines are remembered.

use std::ffi::OsString;
use std::path::PathBuf;

/// The file of the user's that keeps typed lines, in the folder that the platform has for state
/// that outlives a program; nothing if the user has no folder at all.
pub(crate) fn default_file() -> Option<PathBuf> {
    file(std::env::consts::OS, std::env::home_dir(), &|name| {
        std::env::var_os(name)
    })
}

fn file(
    os: &str,
    home: Option<PathBuf>,
    variable: &dyn Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    // A relative path in it is to be ignored, says the XDG base directory specification.
    let folder = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|it| it.is_absolute())
    };
    let folder = match os {
        "windows" => folder("LOCALAPPDATA"),
        "macos" => home.map(|it| it.join("Library/Application Support")),
        _ => folder("XDG_STATE_HOME").or_else(|| home.map(|it| it.join(".local/state"))),
    };
    Some(folder?.join("penrig").join("history"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(os: &str, home: Option<&str>, variable: Option<(&str, &str)>, expected: Option<&str>) {
        let value = |name: &str| {
            let (set, value) = variable?;
            (set == name).then(|| value.into())
        };
        let actual = file(os, home.map(PathBuf::from), &value);
        assert_eq!(actual, expected.map(PathBuf::from), "{os}");
    }

    #[test]
    fn lines_are_kept_where_the_platform_keeps_state() {
        check(
            "linux",
            Some("/users/me"),
            None,
            Some("/users/me/.local/state/penrig/history"),
        );
        check(
            "linux",
            Some("/users/me"),
            Some(("XDG_STATE_HOME", "/state")),
            Some("/state/penrig/history"),
        );
        check(
            "linux",
            Some("/users/me"),
            Some(("XDG_STATE_HOME", "state")),
            Some("/users/me/.local/state/penrig/history"),
        );
        check(
            "macos",
            Some("/users/me"),
            Some(("XDG_STATE_HOME", "/state")),
            Some("/users/me/Library/Application Support/penrig/history"),
        );
        check("linux", None, None, None);
        check("windows", Some("/users/me"), None, None);
    }
}
