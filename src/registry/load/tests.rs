use super::*;
#[test]
fn probe() {
    let text = std::fs::read_to_string(std::env::var("PROBE").unwrap()).unwrap();
    match load(&RelPath::new("importlaw.toml"), &text, Home::Own, Date::new(2026, 11, 22).unwrap()) {
        Ok(registry) => println!("{registry:#?}"),
        Err(errors) => {
            for p in errors.problems() {
                println!("{}:{} {} | {:?}", p.line, p.column, p.message, p.help);
            }
        }
    }
}
