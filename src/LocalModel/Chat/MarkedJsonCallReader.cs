namespace AgentKit.Models.Chat;

/// <summary>Reads the mark of a call and then its JSON, for calls that stand in a section.</summary>
internal sealed class MarkedJsonCallReader(string mark) : CallReader
{
    private readonly JsonCallReader _json = new();
    private int _matched;

    public string Json => _json.Json;

    public override CallProgress Push(char c)
    {
        if (_matched < mark.Length)
        {
            if (_matched == 0 && char.IsWhiteSpace(c))
                return CallProgress.More;
            return mark[_matched++] == c ? CallProgress.More : Fail($"expected '{mark}'");
        }
        if (_json.IsEmpty && char.IsWhiteSpace(c))
            return CallProgress.More;
        var progress = _json.Push(c);
        Failure = _json.Failure;
        return progress;
    }

    public override bool Finish() => false;
}
