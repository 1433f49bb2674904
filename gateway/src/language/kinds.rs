//! What kinds of alerts, zones and places, levels of service and reasons of withdrawal are called.
//!
//! Kinds are free words of a city's files: one that is not known here is shown as it is written there.

use pipeline::quality::Flaw;
use pipeline::science::air::Standard;
use pipeline::science::crowd::LevelOfService;

use super::{Both, Language};

/// A kind of alert, as `rules.toml` writes it.
#[rustfmt::skip] // one kind, one line
pub fn alert(kind: &str, language: Language) -> &str {
    let both = match kind {
        "air" => Both("air", "空气质量"),
        "air-early" => Both("air, early warning", "空气质量预警"),
        "cold" => Both("cold", "低温"),
        "crowd" => Both("crowd", "人群"),
        "earthquake" => Both("earthquake", "地震"),
        "fire" => Both("fire", "火灾"),
        "flood" => Both("flood", "内涝"),
        "gas" => Both("gas", "有害气体"),
        "heat" => Both("heat", "高温"),
        "hot-weather" => Both("hot weather", "炎热天气"),
        "landslide" => Both("landslide", "滑坡"),
        "noise" => Both("noise", "噪声"),
        "radiation" => Both("radiation", "辐射"),
        "rain" => Both("rain", "强降雨"),
        "silence" => Both("silence", "节点失联"),
        "smog" => Both("smog", "雾霾"),
        "traffic" => Both("traffic", "交通"),
        "water-quality" => Both("water quality", "水质"),
        other => return other,
    };
    both.to(language)
}

/// A kind of zone, place or feature of the map, as the city's GeoJSON writes it.
#[rustfmt::skip] // one kind, one line
pub fn place(kind: &str, language: Language) -> &str {
    let both = match kind {
        "building" => Both("building", "建筑"),
        "bridge" => Both("bridge", "桥梁"),
        "entrance" => Both("entrance", "出入口"),
        "hospital" => Both("hospital", "医院"),
        "industrial" => Both("industrial", "工业区"),
        "logistics" => Both("logistics", "物流区"),
        "market" => Both("market", "市场"),
        "old" => Both("old town", "老城区"),
        "park" => Both("park", "公园"),
        "pier" => Both("pier", "码头"),
        "quay" => Both("quay", "岸边"),
        "rail" => Both("railway", "铁路"),
        "residential" => Both("residential", "居住区"),
        "road" => Both("road", "道路"),
        "route" => Both("route", "路线"),
        "school" => Both("school", "学校"),
        "square" => Both("square", "广场"),
        "station" => Both("station", "车站"),
        "street" => Both("street", "街道"),
        "underpass" => Both("underpass", "地下通道"),
        "water" => Both("water", "水域"),
        other => return other,
    };
    both.to(language)
}

/// Whose air index it is; two indices of one hour are told apart by it.
pub fn standard(standard: Standard) -> Both {
    match standard {
        Standard::UsEpa2024 => Both("US EPA 2024", "美国EPA 2024"),
        Standard::UsEpa2012 => Both("US EPA 2012", "美国EPA 2012"),
        Standard::CnHj6332026 => Both("China HJ 633-2026", "中国HJ 633-2026"),
        Standard::CnHj6332012 => Both("China HJ 633-2012", "中国HJ 633-2012"),
        Standard::Eaqi2025 => Both("European index 2025", "欧洲指数2025"),
    }
}

/// What walking is like at a level of service.
pub fn walking(level: LevelOfService) -> Both {
    let chinese = match level {
        LevelOfService::A => "自由通行",
        LevelOfService::B => "略受限制",
        LevelOfService::C => "受限",
        LevelOfService::D => "严重受限",
        LevelOfService::E => "缓慢挪动",
        LevelOfService::F => "拥堵不动",
    };
    Both(level.description(), chinese)
}

/// Why a quality rule took a sensor out of the figures.
pub fn flaw(flaw: &Flaw) -> Both {
    match flaw {
        Flaw::Stuck => Both("stuck", "读数不变"),
        Flaw::Spiking => Both("spiking", "频繁跳变"),
        Flaw::OutOfRange => Both("out of its range", "超出量程"),
        Flaw::Disagreeing => Both("unlike its neighbours", "与邻近节点不符"),
        Flaw::NoHits => Both("counts nothing", "无计数"),
        Flaw::Chatter => Both("counts too much", "计数过多"),
        Flaw::LockedOn => Both("always occupied", "始终占用"),
        Flaw::NoChange => Both("occupancy never changes", "占有率不变"),
        Flaw::Failing => Both("fails quality tests", "未通过质量检验"),
        Flaw::OccupancySpikes => Both("occupancy jumps", "占有率跳变"),
    }
}
