//! The compact definitions that the binary carries: what it needs to judge on a machine without network.
//!
//! The files under `fixtures/definitions` are made by `toetsbank packages compile`; a test compares them with what
//! the compiler makes of the source packages. Opening costs an index each, once in a process.

use std::sync::Arc;
use std::sync::OnceLock;

use crate::fhir::definitions::DefinitionSet;
use crate::fhir::definitions::FhirVersion;
use crate::fhir::definitions::Layer;
use crate::fhir::definitions::PackageFacts;
use crate::packages::Manifest;

/// A package that the binary carries.
pub struct Embedded {
    /// Name of the package.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The FHIR version that it is for.
    pub fhir_version: FhirVersion,
    /// Compact definitions.
    pub file: &'static [u8],
    /// What it builds on, as `name#version`.
    pub dependencies: &'static [&'static str],
    layer: OnceLock<Option<Arc<Layer>>>,
}

/// An entry of [`EMBEDDED`]; the name of its file follows from name and version.
macro_rules! embed {
    ($name:literal, $version:literal, $fhir:ident, $dependencies:expr) => {
        Embedded {
            name: $name,
            version: $version,
            fhir_version: FhirVersion::$fhir,
            file: include_bytes!(concat!("../../fixtures/definitions/", $name, "-", $version, ".defs.gz")),
            dependencies: &$dependencies,
            layer: OnceLock::new(),
        }
    };
}

/// Every package that the binary carries; for one FHIR version, those that build on others before the others.
pub static EMBEDDED: [Embedded; 5] = [
    embed!(
        "nictiz.fhir.nl.stu3.bgz",
        "1.1.1",
        Stu3,
        ["hl7.fhir.r3.core#3.0.2", "nictiz.fhir.nl.stu3.zib2017#^2.0", "nictiz.fhir.nl.stu3.eafspraak#^1.0"]
    ),
    embed!(
        "nictiz.fhir.nl.stu3.eafspraak",
        "1.0.6",
        Stu3,
        ["hl7.fhir.r3.core#3.0.2", "nictiz.fhir.nl.stu3.zib2017#2.0.x"]
    ),
    embed!("nictiz.fhir.nl.stu3.zib2017", "2.2.18", Stu3, ["hl7.fhir.r3.core#3.0.2"]),
    embed!("hl7.fhir.r3.core", "3.0.2", Stu3, []),
    embed!("hl7.fhir.r4.core", "4.0.1", R4, []),
];

impl Embedded {
    /// What its `package.json` says.
    pub fn manifest(&self) -> Manifest {
        let facts = self.layer().map(|layer| layer.package().clone()).unwrap_or_default();
        let facts = PackageFacts { name: self.name.to_string(), version: self.version.to_string(), ..facts };
        Manifest { facts, dependencies: self.dependencies.iter().map(|one| one.to_string()).collect() }
    }

    /// The layer, opened once in a process. `None` would mean that the file in the binary is damaged; a test opens each.
    pub fn layer(&self) -> Option<Arc<Layer>> {
        self.layer.get_or_init(|| Layer::open_compact(self.file).ok().map(Arc::new)).clone()
    }
}

/// The package with this name and version.
pub fn embedded(name: &str, version: &str) -> Option<&'static Embedded> {
    EMBEDDED.iter().find(|package| package.name == name && package.version == version)
}

/// All packages that the binary carries for this FHIR version, as one set shared by the whole process.
pub fn definitions(fhir_version: FhirVersion) -> &'static DefinitionSet {
    shared(fhir_version)
}

/// The same set, for what keeps it: a validator.
pub fn shared(fhir_version: FhirVersion) -> &'static Arc<DefinitionSet> {
    static STU3: OnceLock<Arc<DefinitionSet>> = OnceLock::new();
    static R4: OnceLock<Arc<DefinitionSet>> = OnceLock::new();
    let set = match fhir_version {
        FhirVersion::Stu3 => &STU3,
        FhirVersion::R4 => &R4,
    };
    set.get_or_init(|| Arc::new(DefinitionSet::new(fhir_version, layers(fhir_version))))
}

/// The layers of [`definitions`], to put other packages before.
pub fn layers(fhir_version: FhirVersion) -> Vec<Arc<Layer>> {
    EMBEDDED.iter().filter(|package| package.fhir_version == fhir_version).filter_map(Embedded::layer).collect()
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;
    use std::path::Path;

    use crate::fhir::definitions::DefinitionKind;
    use crate::fhir::path::Model;
    use crate::packages;

    use super::*;

    /// With `TOETSBANK_ACCEPT=1` writes the files anew.
    #[test]
    fn files_are_what_the_compiler_makes() {
        let Some(shared) = env::var_os("TOETSBANK_SHARED") else {
            println!("not run: TOETSBANK_SHARED names no folder");
            return;
        };
        for package in &EMBEDDED {
            let name = format!("{}-{}", package.name, package.version);
            let made = packages::compile(&Path::new(&shared).join("fhir").join(format!("{name}.tgz"))).unwrap();
            if made == package.file {
                continue;
            }
            assert!(env::var_os("TOETSBANK_ACCEPT").is_some(), "{name} is stale: run again with TOETSBANK_ACCEPT=1");
            let file = format!("{}/fixtures/definitions/{name}.defs.gz", env!("CARGO_MANIFEST_DIR"));
            fs::write(file, made).unwrap();
        }
    }

    #[test]
    fn dependencies_are_those_of_the_source_package() {
        let Some(shared) = env::var_os("TOETSBANK_SHARED") else {
            println!("not run: TOETSBANK_SHARED names no folder");
            return;
        };
        for package in &EMBEDDED {
            let name = format!("{}-{}.tgz", package.name, package.version);
            let source = packages::manifest_of(&Path::new(&shared).join("fhir").join(&name)).unwrap().unwrap();
            let sorted = |mut list: Vec<String>| {
                list.sort();
                list
            };
            assert_eq!(sorted(package.manifest().dependencies), sorted(source.dependencies), "{name}");
        }
    }

    #[test]
    fn every_definition_can_be_read() {
        for package in &EMBEDDED {
            let layer = package.layer().expect(package.name);
            let set = DefinitionSet::new(package.fhir_version, vec![layer.clone()]);
            assert_eq!((&*layer.package().name, &*layer.package().version), (package.name, package.version));
            assert_eq!(layer.package().license, "CC0-1.0");
            for (url, version) in layer.canonicals(DefinitionKind::StructureDefinition) {
                let canonical = version.map_or(url.to_string(), |version| format!("{url}|{version}"));
                let found = set.structure(&canonical).unwrap_or_else(|| panic!("{canonical}"));
                assert!(!found.snapshot.is_empty() || !found.differential.is_empty() || found.base.is_some(), "{url}");
            }
            assert!(layer.canonicals(DefinitionKind::ValueSet).all(|(url, _)| set.value_set(url).is_some()));
            assert!(layer.canonicals(DefinitionKind::CodeSystem).all(|(url, _)| set.code_system(url).is_some()));
        }
    }

    fn child(version: FhirVersion, parent: &str, name: &str, expect: Option<(&str, &str, bool)>) {
        let facts = definitions(version).child(parent, name);
        assert_eq!(facts.map(|facts| (facts.kind, facts.base_name, facts.repeats)), expect, "{parent}.{name}");
    }

    #[test]
    fn model_of_types() {
        for version in [FhirVersion::Stu3, FhirVersion::R4] {
            child(version, "Observation", "valueQuantity", Some(("Quantity", "value", false)));
            child(version, "Observation", "component", Some(("Observation.component", "component", true)));
            child(version, "Observation.component", "valueQuantity", Some(("Quantity", "value", false)));
            child(
                version,
                "Observation.component",
                "referenceRange",
                Some(("Observation.referenceRange", "referenceRange", true)),
            );
            child(version, "Questionnaire.item", "item", Some(("Questionnaire.item", "item", true)));
            child(version, "Observation", "value", None);
            child(version, "Patient", "birthDate", Some(("date", "birthDate", false)));
            child(version, "Patient", "contained", Some(("Resource", "contained", true)));
            child(version, "Patient", "nonsense", None);
            child(version, "Nonsense", "id", None);
            child(version, "date", "extension", Some(("Extension", "extension", true)));
            child(version, "Age", "code", Some(("code", "code", false)));
            child(version, "Narrative", "div", Some(("xhtml", "div", false)));
            child(version, "Timing", "repeat", Some(("Timing.repeat", "repeat", false)));
            let model = definitions(version);
            for (kind, ancestor, expect) in [
                ("Age", "Quantity", true),
                ("Quantity", "Age", false),
                ("Patient", "Resource", true),
                ("Patient", "Element", false),
                ("Observation.component", "BackboneElement", true),
                ("code", "string", true),
                ("Coding", "Element", true),
                ("Nonsense", "Element", false),
            ] {
                assert_eq!(model.is_subtype(kind, ancestor), expect, "{kind} is {ancestor}");
            }
            assert!(model.is_primitive("code") && !model.is_primitive("Coding") && !model.is_type("Nonsense"));
            let gender = model.search_parameter("Patient", "gender").unwrap();
            assert_eq!((&*gender.kind, gender.expression.is_some()), ("token", true));
            assert!(model.search_parameter("Patient", "_id").is_some());
        }
    }

    #[test]
    fn profiles_of_zib2017() {
        let set = definitions(FhirVersion::Stu3);
        let pressure = set.structure("http://nictiz.nl/fhir/StructureDefinition/zib-BloodPressure").unwrap();
        assert_eq!(pressure.base.as_deref(), Some("http://nictiz.nl/fhir/StructureDefinition/zib-VitalSigns"));
        let code = pressure.differential.iter().find(|element| element.id.ends_with("SystolicBP.code")).unwrap();
        let pattern = code.pattern.as_ref().unwrap();
        assert_eq!(
            (&*pattern.kind, pattern.value.child("coding").unwrap().text("code")),
            ("CodeableConcept", Some("8480-6"))
        );
        assert!(set.structure("http://nictiz.nl/fhir/StructureDefinition/zib-BloodPressure|0.0").is_none());
    }
}
