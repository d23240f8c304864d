using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Cli.App;
using AgentKit.Kernel.Errors;

namespace AgentKit.Cli.Train;

/// <summary>A value in a JSON document and where it lies, so that every fault names the file, the field, what was found and what is allowed.</summary>
internal sealed class JsonPlace
{
    private readonly string _option;
    private readonly string _file;
    private readonly JsonNode? _node;

    private JsonPlace(string option, string file, string path, JsonNode? node)
    {
        _option = option;
        _file = file;
        Path = path;
        _node = node;
    }

    /// <summary>The field as one would write it: <c>pairs[0].chosen.logp</c>; empty for the document.</summary>
    public string Path { get; }

    /// <summary>The document an option names.</summary>
    public static JsonPlace Read(string option, string file, bool comments = false) => new(option, file, "", JsonFile.Read(option, file, comments));

    /// <summary>The fault of this value.</summary>
    /// <param name="found">What it is.</param>
    /// <param name="allowed">What it may be.</param>
    public UserInputException Fault(string found, string allowed) =>
        new(Path.Length == 0 ? _option : Path, $"{_option}: {_file}: {(Path.Length == 0 ? "the document" : Path)} {found}; {allowed}.");

    /// <summary>Checks that this is an object with no other fields, so that a misspelt one is not taken for an absent one.</summary>
    public JsonPlace Knowing(params string[] fields)
    {
        JsonObject holder = Object();
        string? stranger = holder.Select(field => field.Key).FirstOrDefault(name => !fields.Contains(name));
        return stranger is null ? this : throw At(stranger).Fault("is not a known field", $"known here: {string.Join(", ", fields)}");
    }

    /// <summary>A field; its value is absent when there is none.</summary>
    public JsonPlace Field(string name) => At(name);

    /// <summary>Whether there is such a field and it is not null.</summary>
    public bool Has(string name) => Object()[name] is not null;

    /// <summary>The names of an object's fields.</summary>
    public string[] Names() => [.. Object().Select(field => field.Key)];

    /// <summary>The items of a list with at least so many.</summary>
    public JsonPlace[] Items(int least = 1)
    {
        if (_node is not JsonArray array) throw Fault(Found(), "an array is expected");
        if (array.Count < least) throw Fault($"has {array.Count} items", $"{least} or more are needed");
        return [.. array.Select((item, i) => new JsonPlace(_option, _file, $"{Path}[{i}]", item))];
    }

    /// <summary>A list with exactly as many items as another.</summary>
    public JsonPlace[] Items(int count, string like)
    {
        JsonPlace[] items = Items(0);
        return items.Length == count ? items : throw Fault($"has {items.Length} items", $"{count} are needed, as {like} has");
    }

    public double Number(string allowed = "a number is expected", Func<double, bool>? fits = null)
    {
        if (_node?.GetValueKind() != JsonValueKind.Number) throw Fault(Found(), allowed);
        double value = _node.GetValue<double>();
        return double.IsFinite(value) && (fits is null || fits(value)) ? value : throw Fault(Found(), allowed);
    }

    public double NumberOr(double absent, string allowed, Func<double, bool> fits) => IsAbsent ? absent : Number(allowed, fits);

    public int Integer(string allowed, Func<int, bool> fits) => (int)Number(allowed, value => value == Math.Floor(value) && Math.Abs(value) <= int.MaxValue && fits((int)value));

    public int IntegerOr(int absent, string allowed, Func<int, bool> fits) => IsAbsent ? absent : Integer(allowed, fits);

    /// <summary>A text that is not empty.</summary>
    public string Text() => _node?.GetValueKind() == JsonValueKind.String && _node.GetValue<string>() is { Length: > 0 } text
        ? text
        : throw Fault(Found(), "a text is expected");

    public bool Boolean() => _node?.GetValueKind() switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Fault(Found(), "true or false is expected"),
    };

    public T OneOf<T>(IReadOnlyDictionary<string, T> values)
    {
        string? text = _node?.GetValueKind() == JsonValueKind.String ? _node.GetValue<string>() : null;
        return text is not null && values.TryGetValue(text, out T? value) ? value : throw Fault(Found(), $"one of {string.Join(", ", values.Keys)} is expected");
    }

    public double[] Numbers(int least = 1) => [.. Items(least).Select(item => item.Number())];

    public double[] Numbers(int count, string like) => [.. Items(count, like).Select(item => item.Number())];

    private bool IsAbsent { get; init; }

    private JsonPlace At(string name)
    {
        JsonObject holder = Object();
        string path = Path.Length == 0 ? name : $"{Path}.{name}";
        return new(_option, _file, path, holder[name]) { IsAbsent = !holder.ContainsKey(name) };
    }

    private JsonObject Object() => _node as JsonObject ?? throw Fault(Found(), "an object is expected");

    private string Found() => IsAbsent ? "is missing" : _node?.GetValueKind() switch
    {
        JsonValueKind.Number => $"is {Short(_node.ToJsonString())}",
        JsonValueKind.String => string.Create(CultureInfo.InvariantCulture, $"is the string {Short(_node.ToJsonString())}"),
        JsonValueKind.True => "is true",
        JsonValueKind.False => "is false",
        _ => $"is {JsonFile.Kind(_node)}",
    };

    private static string Short(string json) => json.Length <= 40 ? json : json[..37] + "...";
}
