//! The browser client is embedded at build time. A build without it works too (the server then says how to make it),
//! and a client that was built later is noticed.

fn main() {
    // A folder that cannot be made is reported by the embedding itself.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo:rerun-if-changed=web/dist");
    println!("cargo:rerun-if-changed=migrations");
}
