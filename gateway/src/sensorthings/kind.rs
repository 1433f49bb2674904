//! The eight kinds of entities of OGC SensorThings 1.1 (18-088): their properties and where they lead.

/// A kind of entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    Thing,
    Location,
    HistoricalLocation,
    Datastream,
    Sensor,
    ObservedProperty,
    Observation,
    FeatureOfInterest,
}

/// A property of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Id,
    SelfLink,
    Name,
    Description,
    Properties,
    EncodingType,
    Location,
    Time,
    ObservationType,
    UnitOfMeasurement,
    ObservedArea,
    PhenomenonTime,
    ResultTime,
    Metadata,
    Definition,
    Result,
    ResultQuality,
    ValidTime,
    Parameters,
    Feature,
}

/// A way from one entity to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nav {
    pub(super) name: &'static str,
    pub(super) to: Kind,
    /// It leads to a set, not to one.
    pub(super) many: bool,
}

const fn many(name: &'static str, to: Kind) -> Nav {
    Nav {
        name,
        to,
        many: true,
    }
}

const fn one(name: &'static str, to: Kind) -> Nav {
    Nav {
        name,
        to,
        many: false,
    }
}

impl Kind {
    pub(super) const ALL: [Kind; 8] = [
        Kind::Thing,
        Kind::Location,
        Kind::HistoricalLocation,
        Kind::Datastream,
        Kind::Sensor,
        Kind::ObservedProperty,
        Kind::Observation,
        Kind::FeatureOfInterest,
    ];

    /// The name of the set of all of them.
    pub(super) fn set(self) -> &'static str {
        match self {
            Kind::Thing => "Things",
            Kind::Location => "Locations",
            Kind::HistoricalLocation => "HistoricalLocations",
            Kind::Datastream => "Datastreams",
            Kind::Sensor => "Sensors",
            Kind::ObservedProperty => "ObservedProperties",
            Kind::Observation => "Observations",
            Kind::FeatureOfInterest => "FeaturesOfInterest",
        }
    }

    pub(super) fn from_set(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.set() == name)
    }

    pub(super) fn fields(self) -> &'static [Field] {
        use Field::*;
        match self {
            Kind::Thing => &[Id, SelfLink, Name, Description, Properties],
            Kind::Location => &[
                Id,
                SelfLink,
                Name,
                Description,
                EncodingType,
                Location,
                Properties,
            ],
            Kind::HistoricalLocation => &[Id, SelfLink, Time],
            Kind::Datastream => &[
                Id,
                SelfLink,
                Name,
                Description,
                ObservationType,
                UnitOfMeasurement,
                ObservedArea,
                PhenomenonTime,
                ResultTime,
                Properties,
            ],
            Kind::Sensor => &[
                Id,
                SelfLink,
                Name,
                Description,
                EncodingType,
                Metadata,
                Properties,
            ],
            Kind::ObservedProperty => &[Id, SelfLink, Name, Definition, Description, Properties],
            Kind::Observation => &[
                Id,
                SelfLink,
                PhenomenonTime,
                ResultTime,
                ValidTime,
                Result,
                ResultQuality,
                Parameters,
            ],
            Kind::FeatureOfInterest => &[
                Id,
                SelfLink,
                Name,
                Description,
                EncodingType,
                Feature,
                Properties,
            ],
        }
    }

    pub(super) fn navs(self) -> &'static [Nav] {
        const LOCATIONS: Nav = many("Locations", Kind::Location);
        const PASTS: Nav = many("HistoricalLocations", Kind::HistoricalLocation);
        const STREAMS: Nav = many("Datastreams", Kind::Datastream);
        const OBSERVATIONS: Nav = many("Observations", Kind::Observation);
        const THING: Nav = one("Thing", Kind::Thing);
        match self {
            Kind::Thing => &[LOCATIONS, PASTS, STREAMS],
            Kind::Location => {
                const THINGS: Nav = many("Things", Kind::Thing);
                &[THINGS, PASTS]
            }
            Kind::HistoricalLocation => &[THING, LOCATIONS],
            Kind::Datastream => {
                const SENSOR: Nav = one("Sensor", Kind::Sensor);
                const PROPERTY: Nav = one("ObservedProperty", Kind::ObservedProperty);
                &[THING, SENSOR, PROPERTY, OBSERVATIONS]
            }
            Kind::Sensor | Kind::ObservedProperty => &[STREAMS],
            Kind::Observation => {
                const STREAM: Nav = one("Datastream", Kind::Datastream);
                const FEATURE: Nav = one("FeatureOfInterest", Kind::FeatureOfInterest);
                &[STREAM, FEATURE]
            }
            Kind::FeatureOfInterest => &[OBSERVATIONS],
        }
    }

    pub(super) fn nav(self, name: &str) -> Option<Nav> {
        self.navs().iter().find(|nav| nav.name == name).copied()
    }

    /// The property of this name; `id` is short for `@iot.id`.
    pub(super) fn field(self, name: &str) -> Option<Field> {
        let name = if name == "id" { "@iot.id" } else { name };
        let fields = self.fields().iter();
        fields.copied().find(|field| field.name() == name)
    }

    /// Everything that may be named of it, for those who mistype.
    pub(super) fn names(self) -> impl Iterator<Item = &'static str> {
        let fields = self.fields().iter().map(|field| field.name());
        fields.chain(self.navs().iter().map(|nav| nav.name))
    }
}

impl Field {
    pub(super) fn name(self) -> &'static str {
        match self {
            Field::Id => "@iot.id",
            Field::SelfLink => "@iot.selfLink",
            Field::Name => "name",
            Field::Description => "description",
            Field::Properties => "properties",
            Field::EncodingType => "encodingType",
            Field::Location => "location",
            Field::Time => "time",
            Field::ObservationType => "observationType",
            Field::UnitOfMeasurement => "unitOfMeasurement",
            Field::ObservedArea => "observedArea",
            Field::PhenomenonTime => "phenomenonTime",
            Field::ResultTime => "resultTime",
            Field::Metadata => "metadata",
            Field::Definition => "definition",
            Field::Result => "result",
            Field::ResultQuality => "resultQuality",
            Field::ValidTime => "validTime",
            Field::Parameters => "parameters",
            Field::Feature => "feature",
        }
    }
}
