using System.Text;
using AgentKit.Kernel.Errors;

namespace AgentKit.Models.Gguf;

/// <summary>
/// Metadata as llama.cpp reads it: every key has exactly one type, and a value of another type is refused instead of converted.
/// </summary>
internal sealed class ModelMetadata(GgufFile file)
{
    internal GgufFile File => file;

    /// <summary>The value of <c>general.architecture</c>; prefix of the model's own keys.</summary>
    internal string Architecture { get; } = file.FindString("general.architecture") is { Length: > 0 } name
        ? name
        : throw GgufReader.Fault(file.Name, "general.architecture", "is missing or empty; it names the model family (llama, qwen3, …).");

    internal UserInputException Fault(string field, string message) => GgufReader.Fault(file.Name, field, message);

    /// <summary>The full name of one of the model's own keys.</summary>
    internal string Key(string suffix) => $"{Architecture}.{suffix}";

    internal GgufValue? Find(string key) => file.Metadata.GetValueOrDefault(key);

    internal uint? UInt32(string key) => Find(key, GgufValueType.UInt32) is { } value ? (uint)value.AsInteger() : null;

    internal float? Float32(string key) => Find(key, GgufValueType.Float32) is { } value ? (float)value.AsNumber() : null;

    internal bool? Bool(string key) => Find(key, GgufValueType.Bool)?.AsBool();

    internal string? Text(string key) => Find(key, GgufValueType.String)?.AsString();

    /// <summary>A number between two bounds, or null if the key is absent.</summary>
    internal uint? UInt32(string key, uint min, uint max)
    {
        var value = UInt32(key);
        return value is null || (value >= min && value <= max) ? value : throw Fault(key, $"is {value}; {min} to {max} is allowed.");
    }

    /// <summary>A required number between two bounds.</summary>
    internal uint Required(string key, uint min, uint max) =>
        UInt32(key, min, max) ?? throw Fault(key, "is missing; every model of this family needs it.");

    /// <summary>A finite number between two bounds, or null if the key is absent.</summary>
    internal float? Float32(string key, float min, float max)
    {
        var value = Float32(key);
        return value is null || (value >= min && value <= max) ? value : throw Fault(key, $"is {value:R}; {min:R} to {max:R} is allowed.");
    }

    /// <summary>One number for all layers or an array with one per layer; null if the key is absent.</summary>
    internal uint[]? PerLayer(string key, int layers, uint max)
    {
        if (Find(key) is not { } value) return null;
        uint[] numbers;
        if (!value.IsArray) numbers = Enumerable.Repeat(UInt32(key)!.Value, layers).ToArray();
        else if (value.ElementType is not (GgufValueType.UInt32 or GgufValueType.Int32))
            throw Fault(key, $"is {value}; a u32 or an array of u32 is needed.");
        else if (value.Count != layers) throw Fault(key, $"has {value.Count} elements; the model has {layers} layers.");
        else numbers = value.AsIntegers().Select(n => unchecked((uint)n)).ToArray();
        int bad = Array.FindIndex(numbers, n => n > max);
        return bad < 0 ? numbers : throw Fault(key, $"is {numbers[bad]} for layer {bad}; at most {max} is allowed.");
    }

    /// <summary>A text that must be whole UTF-8, because it is rendered.</summary>
    internal void CheckUtf8(string key)
    {
        if (Find(key, GgufValueType.String) is not { } value) return;
        if (!System.Text.Unicode.Utf8.IsValid(value.Utf8(0))) throw Fault(key, "is not valid UTF-8.");
    }

    internal GgufValue? Find(string key, GgufValueType type)
    {
        var value = Find(key);
        return value is null || value.Type == type
            ? value
            : throw Fault(key, $"is {value} ({GgufValue.Name(value.Type)}); {GgufValue.Name(type)} is needed.");
    }

    internal GgufValue? FindArray(string key, params ReadOnlySpan<GgufValueType> elementTypes)
    {
        var value = Find(key);
        if (value is null || (value.IsArray && elementTypes.Contains(value.ElementType))) return value;
        var names = new StringBuilder();
        foreach (var type in elementTypes) names.Append(names.Length == 0 ? "" : " or ").Append(GgufValue.Name(type));
        throw Fault(key, $"is {value} ({GgufValue.Name(value.Type)}); an array of {names} is needed.");
    }
}
