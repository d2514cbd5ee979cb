//! Sequences run on the virtual bench, and their traces as text.

use crate::driven::power_up;
use anyhow::Result;
use firmware_units::Nanoseconds;
use rig_bench_virtual::VirtualBench;
use rig_procedure::Player;
use rig_sequence::{Trace, What};
use std::fmt::Write as _;

/// A player with a pen that runs an image.
///
/// # Errors
/// The bench fails, or the pen does not come up.
pub fn player<'b>(
    bench: &'b mut VirtualBench,
    image_path: &str,
) -> Result<Player<'b, VirtualBench>> {
    Ok(Player::admit(power_up(bench, image_path)?, 1_000)?)
}

/// A trace in lines: what was done and heard, turns and strokes as counts between, and what stood
/// out of the nose or drew current in each half second.
///
/// # Errors
/// None that a string can have.
pub fn text(trace: &Trace) -> Result<String> {
    let mut text = String::new();
    let ms = |at: Nanoseconds| at.0 as f64 * 1e-6;
    let mut edges = trace.edges.iter().peekable();
    let mut n_edges = 0;
    for event in &trace.events {
        let before = n_edges;
        while edges.next_if(|edge| **edge <= event.at).is_some() {
            n_edges += 1;
        }
        if n_edges > before {
            writeln!(
                text,
                "{:>12} {} turns, {n_edges} in all",
                "",
                n_edges - before
            )?;
        }
        match &event.what {
            What::Step(step) => writeln!(text, "{:12.3} -- step {step}", ms(event.at))?,
            what => writeln!(text, "{:12.3} {what:?}", ms(event.at))?,
        }
    }
    for stretch in trace.slices.chunks(50) {
        let furthest_nm = stretch.iter().filter_map(|it| it.furthest_nm);
        let furthest_nm = furthest_nm.fold(f64::NEG_INFINITY, f64::max);
        let current_ua = stretch.iter().map(|it| it.current_ua);
        let current_ua = current_ua.fold(f64::NEG_INFINITY, f64::max);
        if let Some(last) = stretch.last() {
            writeln!(
                text,
                "until {:9.0} ms: furthest {:8.1} µm, current up to {:8.1} mA",
                ms(last.until),
                furthest_nm * 1e-3,
                current_ua * 1e-3
            )?;
        }
    }
    for stroke in trace.strokes.iter().step_by(20) {
        writeln!(
            text,
            "top at {:9.3} ms: {:8.1} µm, u {:.1} µm",
            ms(stroke.at),
            stroke.protrusion_nm * 1e-3,
            stroke.u_nm * 1e-3
        )?;
    }
    writeln!(
        text,
        "{} turns, {} tops, {} slices, U {:.1} µm, ended at {:.3} ms",
        trace.edges.len(),
        trace.strokes.len(),
        trace.slices.len(),
        trace.protrusion_u_nm * 1e-3,
        ms(trace.ended)
    )?;
    Ok(text)
}
