using System.Globalization;

namespace AgentKit.Eval.Subjects;

/// <summary>Ids of repeated samples: <c>ID#2</c> is the third attempt at <c>ID</c>.</summary>
internal static class Attempt
{
    private const char Mark = '#';

    public static string Id(string sample, int attempt) =>
        attempt == 0 ? sample : string.Create(CultureInfo.InvariantCulture, $"{sample}{Mark}{attempt}");

    public static (string Sample, int Attempt) Parse(string id)
    {
        int mark = id.LastIndexOf(Mark);
        return mark > 0 && int.TryParse(id.AsSpan(mark + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int attempt)
            ? (id[..mark], attempt)
            : (id, 0);
    }
}
