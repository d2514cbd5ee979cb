//! Single samples far off their neighbours, taken out before anything is fitted.

/// A sample is a spike if it is this share of a stroke's height off the median of five samples
/// about it, which follows flanks, tops and the corners of plateaus to a hundredth.
const SHARE_OF_HEIGHT: f64 = 0.05;
/// Or so many standard deviations of the noise, whichever is more.
const DEVIATIONS: f64 = 10.0;
/// Median of the absolute value of a fourth difference of normal deviates: 0.6745 √70.
const MEDIAN: f64 = 5.643_186;
/// More spikes than one in so many samples are no spikes but another signal.
const SPARSITY: usize = 20;
/// Rounds in which neighbouring spikes agree on where they should be.
const ROUNDS: usize = 20;

fn fourth_difference(it: &[f64]) -> f64 {
    (it[0] + it[4]) - 4.0 * (it[1] + it[3]) + 6.0 * it[2]
}

/// The middle sample less the median of the five.
fn off_median(it: &[f64]) -> f64 {
    let mut sorted = [it[0], it[1], it[2], it[3], it[4]];
    sorted.sort_unstable_by(f64::total_cmp);
    it[2] - sorted[2]
}

/// Puts every spike where a cubic through its neighbours has it, and says how many there were.
/// Up to two in a row are found. None if there are so many that the rest is not to be believed.
///
/// A replaced sample is as noisy as a measured one and correlated with its neighbours: at a few
/// in a thousand samples that does not show in a fit.
pub(crate) fn remove(samples: &mut [f64], height: f64) -> Option<u32> {
    let floor = SHARE_OF_HEIGHT * height;
    // What lies so far off has a fourth difference of at least three times as much.
    let departs = |it: &[f64]| fourth_difference(it).abs() > 3.0 * floor;
    if !samples.windows(5).any(departs) {
        return Some(0);
    }
    let mut sizes: Vec<f64> = samples
        .windows(5)
        .map(|it| fourth_difference(it).abs())
        .collect();
    let middle = sizes.len() / 2;
    let (_, &mut median, _) = sizes.select_nth_unstable_by(middle, f64::total_cmp);
    let limit = floor.max(DEVIATIONS * median / MEDIAN);
    let spikes: Vec<usize> = samples
        .windows(5)
        .enumerate()
        .filter(|(_, it)| off_median(it).abs() > limit)
        .map(|(index, _)| index + 2)
        .collect();
    if spikes.len() * SPARSITY > samples.len() {
        return None;
    }
    for _ in 0..ROUNDS {
        for &index in &spikes {
            samples[index] -= fourth_difference(&samples[index - 2..=index + 2]) / 6.0;
        }
    }
    u32::try_from(spikes.len()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::synthetic::Noise;

    /// A stroke of 3 mm with 10 µm of noise.
    fn stroke(seed: u64) -> Vec<f64> {
        let mut noise = Noise::seeded(seed);
        (0..200)
            .map(|it| 1.5e6 * libm::cos(f64::from(it) * 0.0314) + 1e4 * noise.normal())
            .collect()
    }

    #[test]
    fn spikes_go_and_nothing_else_does() {
        let clean = stroke(41);
        let mut samples = clean.clone();
        assert_eq!(remove(&mut samples, 3e6), Some(0));
        assert!(samples == clean);
        for spikes in [
            vec![(50, 5e5)],
            vec![(50, -2e6), (51, -2e6)],
            vec![(3, 6e5), (90, -7e5), (92, 1e6), (120, 2e6), (121, -5e5)],
        ] {
            for (index, size) in &spikes {
                samples[*index] += size;
            }
            assert_eq!(remove(&mut samples, 3e6), Some(spikes.len() as u32));
            for (after, before) in samples.iter().zip(&clean) {
                assert!((after - before).abs() < 9e4, "{after} for {before}");
            }
            samples.clone_from(&clean);
        }
    }

    #[test]
    fn a_signal_of_spikes_is_refused() {
        let mut samples = stroke(42);
        for index in (0..200).step_by(15) {
            samples[index] += 1e6;
        }
        assert_eq!(remove(&mut samples, 3e6), None);
        assert_eq!(remove(&mut [1.0, 2.0], 3e6), Some(0));
    }
}
