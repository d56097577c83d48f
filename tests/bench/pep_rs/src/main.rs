//! The tasks of pep_speed.c with pep440_rs and pep508_rs: same arguments, same input, same output.
use pep508_rs::{MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree};
use pep440_rs::{Version, VersionSpecifiers};
use std::{env, fs, str::FromStr};

extern "C" {
    fn clock() -> i64; // processor time in microseconds (POSIX)
}

fn lines(folder: &str, name: &str) -> String {
    fs::read_to_string(format!("{folder}/{name}")).expect("an input file")
}

fn task(name: &str, items: usize, rounds: usize, mut run: impl FnMut() -> usize) {
    let (mut least, mut answer) = (i64::MAX, 0);
    for _ in 0..rounds {
        let start = unsafe { clock() };
        answer = run();
        least = least.min(unsafe { clock() } - start);
    }
    println!("{name}\t{items}\t{}\t{answer}", least * 1000);
}

fn environment(text: &str) -> MarkerEnvironment {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('\t'))
            .expect("a marker variable")
    };
    MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: value("implementation_name"),
        implementation_version: value("implementation_version"),
        os_name: value("os_name"),
        platform_machine: value("platform_machine"),
        platform_python_implementation: value("platform_python_implementation"),
        platform_release: value("platform_release"),
        platform_system: value("platform_system"),
        platform_version: value("platform_version"),
        python_full_version: value("python_full_version"),
        python_version: value("python_version"),
        sys_platform: value("sys_platform"),
    })
    .expect("an environment")
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    let (folder, rounds) = (&arguments[1], arguments[2].parse().expect("rounds"));
    let text = lines(folder, "versions.txt");
    let items: Vec<&str> = text.lines().collect();
    task("versions", items.len(), rounds, || {
        let mut all: Vec<Version> =
            items.iter().filter_map(|v| Version::from_str(v).ok()).collect();
        all.sort_unstable();
        all.windows(2).filter(|pair| pair[0] != pair[1]).count()
    });
    let text = lines(folder, "specifiers.txt");
    let items: Vec<(&str, &str)> = text.lines().filter_map(|l| l.split_once('\t')).collect();
    task("specifiers", items.len(), rounds, || {
        items
            .iter()
            .filter(|(version, set)| {
                match (Version::from_str(version), VersionSpecifiers::from_str(set)) {
                    (Ok(version), Ok(set)) => set.contains(&version),
                    _ => false,
                }
            })
            .count()
    });
    let pairs: Vec<(Version, VersionSpecifiers)> = items
        .iter()
        .map(|(v, s)| (Version::from_str(v).unwrap(), VersionSpecifiers::from_str(s).unwrap()))
        .collect();
    task("matches", pairs.len(), rounds, || pairs.iter().filter(|(v, s)| s.contains(v)).count());
    let text = lines(folder, "markers.txt");
    let items: Vec<&str> = text.lines().collect();
    let environment = environment(&lines(folder, "environment.txt"));
    task("markers", items.len(), rounds, || {
        items
            .iter()
            .filter(|m| match MarkerTree::from_str(m) {
                Ok(tree) => tree.evaluate(&environment, &[]),
                Err(_) => false,
            })
            .count()
    });
}
