//! Which definitions `validate` judges by: the packages that the user named, before those in the binary.

use std::env;
use std::error::Error;
use std::path::Path;
use std::sync::Arc;

use crate::cli::validate::FhirArgument;
use crate::cli::validate::ValidateArgs;
use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::definitions::Layer;
use crate::packages;
use crate::packages::embedded;

/// The packages that the user named, before those in the binary.
pub fn definitions(args: &ValidateArgs) -> Result<DefinitionSet, Box<dyn Error>> {
    let version = match args.fhir {
        FhirArgument::Stu3 => FhirVersion::Stu3,
        FhirArgument::R4 => FhirVersion::R4,
    };
    let mut layers: Vec<Arc<Layer>> = Vec::new();
    for package in &args.package {
        layers.push(layer(package)?);
    }
    layers.extend(embedded::layers(version));
    Ok(DefinitionSet::new(version, layers))
}

/// A package by path, or by `NAME@VERSION` from the binary or the user's FHIR package cache.
fn layer(package: &Path) -> Result<Arc<Layer>, Box<dyn Error>> {
    let text = package.to_string_lossy();
    if !package.exists()
        && let Some((name, version)) = text.split_once('@')
    {
        if let Some(found) = embedded::embedded(name, version).and_then(|found| found.layer()) {
            return Ok(found);
        }
        let cache = env::home_dir().unwrap_or_default().join(".fhir/packages").join(format!("{name}#{version}"));
        let inner = cache.join("package");
        let folder = if inner.is_dir() { inner } else { cache };
        if !folder.is_dir() {
            let folder = folder.display();
            return Err(
                format!("find package `{text}`: it is not in the binary nor at `{folder}`; give its file").into()
            );
        }
        return Ok(Arc::new(packages::open(&folder)?));
    }
    Ok(Arc::new(packages::open(package)?))
}
