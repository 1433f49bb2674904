//! What quantities, derived values and units are called.

use pipeline::derived::Derived;
use pipeline::rules::{Severity, Value};
use pipeline::science::air::Standard;
use pipeline::science::air::forecast::Ahead;
use wire::Quantity;

use super::{Both, Language};

/// An index with the standard that it follows: two of one hour are never called the same. A macro, because names are
/// put together before the program runs.
macro_rules! by_standard {
    ($standard:expr, $english:literal, $chinese:literal) => {
        match $standard {
            Standard::UsEpa2024 => named!($english, $chinese, "US EPA 2024", "美国EPA 2024"),
            Standard::UsEpa2012 => named!($english, $chinese, "US EPA 2012", "美国EPA 2012"),
            Standard::CnHj6332026 => {
                named!($english, $chinese, "China HJ 633-2026", "中国HJ 633-2026")
            }
            Standard::CnHj6332012 => {
                named!($english, $chinese, "China HJ 633-2012", "中国HJ 633-2012")
            }
            Standard::Eaqi2025 => named!($english, $chinese, "European 2025", "欧洲2025"),
        }
    };
}

macro_rules! named {
    ($english:literal, $chinese:literal, $by:literal, $by_chinese:literal) => {
        Both(
            concat!($english, " (", $by, ")"),
            concat!($chinese, "（", $by_chinese, "）"),
        )
    };
}

/// What a rule looks at.
pub fn value(value: Value) -> Both {
    match value {
        Value::Quantity(quantity) => self::quantity(quantity),
        Value::CrowdCount => Both("People", "人数"),
        Value::CrowdDensity => Both("Crowd density", "人群密度"),
        Value::AirIndex(standard) => by_standard!(standard, "Air index", "空气质量指数"),
        Value::AirDay(standard) => by_standard!(standard, "Air index of the day", "空气质量日指数"),
        Value::AirForecast(standard, Ahead::OneHour) => {
            by_standard!(
                standard,
                "Air index forecast for 1 h",
                "1小时空气质量指数预报"
            )
        }
        Value::AirForecast(standard, Ahead::ThreeHours) => {
            by_standard!(
                standard,
                "Air index forecast for 3 h",
                "3小时空气质量指数预报"
            )
        }
        Value::AirForecast(standard, Ahead::SixHours) => {
            by_standard!(
                standard,
                "Air index forecast for 6 h",
                "6小时空气质量指数预报"
            )
        }
        Value::AirForecast(standard, Ahead::Day) => {
            by_standard!(
                standard,
                "Air index forecast for 24 h",
                "24小时空气质量指数预报"
            )
        }
        Value::Derived(derived) => self::derived(derived),
        Value::Silence => Both("Silent node", "传感器无信号"),
    }
}

#[rustfmt::skip] // one value, one line
fn derived(derived: Derived) -> Both {
    use Derived::*;
    match derived {
        HeatIndex => Both("Heat index", "炎热指数"),
        Wbgt => Both("Wet-bulb globe temperature", "湿球黑球温度"),
        NoiseExcess => Both("Noise beyond the limit", "噪声超标值"),
        RainExcess => Both("Rain beyond the landslide threshold", "超过滑坡阈值的降雨量"),
        AeglH2s => Both("Exposure to hydrogen sulphide", "硫化氢暴露等级"),
        AeglNh3 => Both("Exposure to ammonia", "氨气暴露等级"),
        AeglCl2 => Both("Exposure to chlorine", "氯气暴露等级"),
        AeglCo => Both("Exposure to carbon monoxide", "一氧化碳暴露等级"),
        AeglSo2 => Both("Exposure to sulphur dioxide", "二氧化硫暴露等级"),
        AeglNo2 => Both("Exposure to nitrogen dioxide", "二氧化氮暴露等级"),
        CoAlarm => Both("Carbon monoxide dose", "一氧化碳剂量"),
        Fire => Both("Fire", "火灾判据"),
        HeatRise => Both("Rise of heat", "升温速率"),
        WaterRise => Both("Rise of water", "水位上升速率"),
        TiltRate => Both("Rate of tilt", "倾斜速率"),
        PeakAcceleration => Both("Peak ground acceleration", "地面峰值加速度"),
        WaterClass => Both("Water class", "水质类别"),
        CrowdLevel => Both("Crowd level of service", "人群服务水平"),
        CrowdPressure => Both("Crowd pressure", "人群压力"),
        WalkingSpeedExpected => Both("Usual walking speed", "常态步行速度"),
        WalkingSpeedRatio => Both("Walking speed over the usual", "步行速度与常态之比"),
        GateFlow => Both("Flow at gates", "出入口人流量"),
        TimeToDanger => Both("Time to danger", "到达危险状态的时间"),
        TrafficFlow => Both("Traffic flow", "交通流量"),
        TrafficDensity => Both("Traffic density", "交通密度"),
        TrafficSpeed => Both("Traffic speed", "交通速度"),
        TrafficLevel => Both("Traffic level of service", "道路服务水平"),
        TrafficIncident => Both("Traffic incident", "交通事件"),
    }
}

#[rustfmt::skip] // one quantity, one line
pub fn quantity(quantity: Quantity) -> Both {
    match quantity {
        Quantity::Pm2_5 => Both("PM2.5", "细颗粒物（PM2.5）"),
        Quantity::Pm10 => Both("PM10", "可吸入颗粒物（PM10）"),
        Quantity::O3 => Both("Ozone", "臭氧"),
        Quantity::No2 => Both("Nitrogen dioxide", "二氧化氮"),
        Quantity::So2 => Both("Sulphur dioxide", "二氧化硫"),
        Quantity::Co => Both("Carbon monoxide", "一氧化碳"),
        Quantity::No => Both("Nitrogen monoxide", "一氧化氮"),
        Quantity::Temperature => Both("Temperature", "气温"),
        Quantity::RelativeHumidity => Both("Humidity", "相对湿度"),
        Quantity::Pressure => Both("Air pressure", "气压"),
        Quantity::WindSpeed => Both("Wind speed", "风速"),
        Quantity::WindDirection => Both("Wind from", "风向"),
        Quantity::Rain => Both("Rain", "降雨量"),
        Quantity::Noise => Both("Noise", "噪声"),
        Quantity::Illuminance => Both("Illuminance", "照度"),
        Quantity::VehicleCount => Both("Vehicles", "车流量"),
        Quantity::VehicleSpeed => Both("Vehicle speed", "车速"),
        Quantity::LaneOccupancy => Both("Lane occupancy", "车道占有率"),
        Quantity::PersonCount => Both("People counted", "现场人数"),
        Quantity::PersonsIn => Both("People in", "进入人数"),
        Quantity::PersonsOut => Both("People out", "离开人数"),
        Quantity::WalkingSpeed => Both("Walking speed", "步行速度"),
        Quantity::VelocityVariance => Both("Unevenness of walking", "步行速度方差"),
        Quantity::Ch4 => Both("Methane", "甲烷"),
        Quantity::H2s => Both("Hydrogen sulphide", "硫化氢"),
        Quantity::Nh3 => Both("Ammonia", "氨气"),
        Quantity::Cl2 => Both("Chlorine", "氯气"),
        Quantity::Smoke => Both("Smoke", "烟雾"),
        Quantity::Flame => Both("Flame", "火焰"),
        Quantity::Heat => Both("Heat", "探测器温度"),
        Quantity::WaterLevel => Both("Water level", "水位"),
        Quantity::Tilt => Both("Tilt", "倾斜"),
        Quantity::Acceleration => Both("Acceleration", "加速度"),
        Quantity::Radiation => Both("Radiation", "辐射剂量率"),
        Quantity::Ph => Both("Acidity", "酸碱度"),
        Quantity::DissolvedOxygen => Both("Dissolved oxygen", "溶解氧"),
        Quantity::Turbidity => Both("Turbidity", "浊度"),
        Quantity::Conductivity => Both("Conductivity", "电导率"),
        Quantity::AmmoniaNitrogen => Both("Ammonia nitrogen", "氨氮"),
        Quantity::BatteryVoltage => Both("Battery", "电池电压"),
    }
}

pub fn severity(severity: Severity) -> Both {
    match severity {
        Severity::Minor => Both("Minor", "轻微"),
        Severity::Moderate => Both("Moderate", "中等"),
        Severity::Severe => Both("Severe", "严重"),
        Severity::Extreme => Both("Extreme", "特别严重"),
    }
}

/// A UCUM code as people of the language write it, without its curly braces.
pub fn unit(code: &'static str, language: Language) -> &'static str {
    match code {
        "1" => "",
        "{person}" => language.say("people", "人"),
        "{person}/m2" => language.say("people/m²", "人/m²"),
        "{person}/m/min" => language.say("people/m/min", "人/m/min"),
        "/s2" => "1/s²",
        "{veh}" => language.say("vehicles", "辆"),
        "{veh}/h" => language.say("vehicles/h", "辆/h"),
        "{veh}/km" => language.say("vehicles/km and lane", "辆/km·车道"),
        "ug/m3" => "µg/m³",
        "mg/m3" => "mg/m³",
        "Cel" => "°C",
        "Cel/min" => "°C/min",
        "deg" => "°",
        "deg/h" => "°/h",
        "dB[SPL]{A}" => "dB(A)",
        "%{LEL}" => "% LEL",
        "[ppm]" => "ppm",
        "m/s2" => "m/s²",
        "cm2/s2" => "cm²/s²",
        "uSv/h" => "µSv/h",
        "[pH]" => "pH",
        "[NTU]" => "NTU",
        "uS/cm" => "µS/cm",
        other => other,
    }
}
