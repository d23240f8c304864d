using AgentKit.Models.Templates.Values;

namespace AgentKit.Models.Templates.Library;

/// <summary>Filters on lists and mappings.</summary>
internal static class SequenceFilters
{
    public static IReadOnlyDictionary<string, Func<object?, CallArguments, object?>> All { get; } =
        new Dictionary<string, Func<object?, CallArguments, object?>>(StringComparer.Ordinal)
        {
            ["list"] = (value, _) => new TemplateList([.. Read(value)]),
            ["items"] = Items,
            ["first"] = (value, _) =>
                Read(value) is { Count: > 0 } items ? items[0] : new Undefined("no first item: the sequence is empty"),
            ["last"] = (value, _) => Read(value) is { Count: > 0 } items ? items[^1] : new Undefined("no last item: the sequence is empty"),
            ["reverse"] = Reverse,
            ["join"] = Join,
            ["map"] = Map,
            ["select"] = (value, a) => Select(value, a, isReject: false),
            ["reject"] = (value, a) => Select(value, a, isReject: true),
            ["selectattr"] = (value, a) => SelectAttribute(value, a, isReject: false),
            ["rejectattr"] = (value, a) => SelectAttribute(value, a, isReject: true),
            ["sort"] = Sort,
            ["dictsort"] = DictSort,
            ["unique"] = Unique,
            ["min"] = (value, a) => Extreme(value, a, sign: 1),
            ["max"] = (value, a) => Extreme(value, a, sign: -1),
            ["sum"] = Sum,
            ["batch"] = Batch,
            ["slice"] = Slice,
            ["groupby"] = GroupBy,
        };

    private static IReadOnlyList<object?> Read(object? value)
    {
        var items = PythonValue.Iterate(value);
        RenderBudget.ChargeItems(items.Count);
        return items;
    }

    /// <summary>What the filters that map and select go through: nothing for any false value, None included.</summary>
    private static IReadOnlyList<object?> ReadIfTrue(object? value) => PythonValue.IsTrue(value) ? Read(value) : [];

    private static TemplateList Generator(IEnumerable<object?> items) => new([.. items], ListKind.Generator);

    private static TemplateList Items(object? value, CallArguments arguments) => value switch
    {
        Undefined => Generator([]),
        TemplateDict dict => Generator(dict.Items.Select(ContainerMethods.Pair)),
        _ => throw new TemplateException($"items: expected a mapping, found {PythonValue.TypeName(value)}"),
    };

    private static object Reverse(object? value, CallArguments arguments) =>
        value is TemplateText text ? Access.Slice(text, null, null, -1L)! : Generator(Read(value).Reverse());

    private static TemplateText Join(object? value, CallArguments arguments)
    {
        var items = Read(value);
        if (arguments.TryGet(1, "attribute", out var attribute) && attribute is not null)
            items = [.. items.Select(item => Access.Path(item, attribute))];
        return TextOperations.Join(arguments.TryGet(0, "d", out var separator) ? PythonText.Str(separator) : TemplateText.Empty, items);
    }

    private static TemplateList Map(object? value, CallArguments arguments)
    {
        if (arguments.Positional.Count == 0 && arguments.TryGet(0, "attribute", out var attribute))
        {
            var hasDefault = arguments.TryGet(1, "default", out var fallback);
            return Generator(ReadIfTrue(value).Select(item => Access.Path(item, attribute) is var found && found is Undefined
                && hasDefault ? fallback : found));
        }
        var name = arguments.GetText(0, "filter").Value;
        var rest = arguments.Skip(1);
        return Generator(ReadIfTrue(value).Select(item => Filters.Apply(name, item, rest)));
    }

    private static TemplateList Select(object? value, CallArguments arguments, bool isReject) =>
        Generator(ReadIfTrue(value).Where(item => Passes(item, arguments) != isReject));

    private static TemplateList SelectAttribute(object? value, CallArguments arguments, bool isReject)
    {
        var attribute = arguments.Get(0, "attribute");
        var test = arguments.Skip(1);
        return Generator(ReadIfTrue(value).Where(item => Passes(Access.Path(item, attribute), test) != isReject));
    }

    /// <summary>Whether a value passes the test named by the first argument; without arguments, whether it is true.</summary>
    private static bool Passes(object? value, CallArguments test) => test.Positional.Count == 0
        ? PythonValue.IsTrue(value)
        : Tests.Apply(test.GetText(0, "test").Value, value, test.Skip(1));

    private static TemplateList Sort(object? value, CallArguments arguments)
    {
        var isReverse = arguments.GetFlag(0, "reverse", false);
        var key = KeyOf(arguments, 1, 2);
        return new TemplateList(Sorted(Read(value), key, isReverse));
    }

    private static TemplateList DictSort(object? value, CallArguments arguments)
    {
        if (value is not TemplateDict dict)
            throw new TemplateException($"dictsort: expected a mapping, found {PythonValue.TypeName(value)}");
        var isCaseSensitive = arguments.GetFlag(0, "case_sensitive", false);
        var by = arguments.GetString(1, "by", "key") switch
        {
            "key" => 0,
            "value" => 1,
            var other => throw new TemplateException($"dictsort: by must be 'key' or 'value', not '{other}'"),
        };
        var pairs = dict.Items.Select(ContainerMethods.Pair).ToList<object?>();
        return new TemplateList(Sorted(pairs, pair => Fold(((TemplateList)pair!).Items[by], isCaseSensitive), arguments.GetFlag(2,
            "reverse", false)));
    }

    /// <summary>A stable sort; equal items keep their order in both directions, as in Python.</summary>
    private static List<object?> Sorted(IReadOnlyList<object?> items, Func<object?, object?> key, bool isReverse)
    {
        RenderBudget.ChargeSteps(items.Count);
        var comparer = Comparer<object?>.Create(PythonValue.Compare);
        return [.. isReverse ? items.OrderByDescending(key, comparer) : items.OrderBy(key, comparer)];
    }

    private static TemplateList Unique(object? value, CallArguments arguments)
    {
        var key = KeyOf(arguments, 0, 1);
        var seen = new TemplateDict();
        return Generator(Read(value).Where(item =>
        {
            var itemKey = key(item);
            var isNew = !seen.TryGet(itemKey, out _);
            seen[itemKey] = null;
            return isNew;
        }));
    }

    private static object? Extreme(object? value, CallArguments arguments, int sign)
    {
        var key = KeyOf(arguments, 0, 1);
        var items = Read(value);
        if (items.Count == 0)
            return new Undefined("no extreme: the sequence is empty");
        return items.Aggregate((best, item) => PythonValue.Compare(key(item), key(best)) * sign < 0 ? item : best);
    }

    private static object? Sum(object? value, CallArguments arguments)
    {
        var hasAttribute = arguments.TryGet(0, "attribute", out var attribute) && attribute is not null;
        object? total = arguments.TryGet(1, "start", out var start) ? start : 0L;
        foreach (var item in Read(value))
        {
            var number = hasAttribute ? Access.Path(item, attribute) : item;
            if (!PythonNumber.IsNumber(number) || !PythonNumber.IsNumber(total))
                throw new TemplateException($"sum: expected numbers, found {PythonValue.TypeName(number)}");
            total = PythonNumber.Calculate("+", total, number);
        }
        return total;
    }

    private static TemplateList Batch(object? value, CallArguments arguments)
    {
        var size = (int)Math.Clamp(arguments.GetInteger(0, "linecount", 1), 1, int.MaxValue);
        var hasFill = arguments.TryGet(1, "fill_with", out var fill) && fill is not null;
        var batches = Read(value).Chunk(size).Select(batch => batch.ToList()).ToList();
        if (hasFill && batches.Count > 0)
        {
            RenderBudget.ChargeSteps(size);
            batches[^1].AddRange(Enumerable.Repeat(fill, size - batches[^1].Count));
        }
        return Generator(batches.Select(batch => new TemplateList(batch)));
    }

    private static TemplateList Slice(object? value, CallArguments arguments)
    {
        var items = Read(value);
        var count = (int)Math.Clamp(arguments.GetInteger(0, "slices", 1), 1, int.MaxValue);
        RenderBudget.ChargeSteps(count);
        var hasFill = arguments.TryGet(1, "fill_with", out var fill) && fill is not null;
        var (size, extra) = (items.Count / count, items.Count % count);
        var slices = new List<object?>();
        var position = 0;
        for (var i = 0; i < count; i++)
        {
            var take = size + (i < extra ? 1 : 0);
            List<object?> slice = [.. items.Skip(position).Take(take)];
            position += take;
            if (hasFill && i >= extra && extra > 0)
                slice.Add(fill);
            slices.Add(new TemplateList(slice));
        }
        return Generator(slices);
    }

    private static TemplateList GroupBy(object? value, CallArguments arguments)
    {
        var attribute = arguments.Get(0, "attribute");
        var hasDefault = arguments.TryGet(1, "default", out var fallback);
        object? Key(object? item) => Access.Path(item, attribute) is var found && found is Undefined && hasDefault ? fallback : found;
        var groups = new List<object?>();
        foreach (var item in Sorted(Read(value), item => Fold(Key(item), isCaseSensitive: false), isReverse: false))
        {
            if (groups.Count > 0 && groups[^1] is TemplateList last
                && PythonValue.AreEqual(Fold(last.Items[0], false), Fold(Key(item), false)))
                ((TemplateList)last.Items[1]!).Items.Add(item);
            else
                groups.Add(new TemplateList([Key(item), new TemplateList([item])], ListKind.Tuple));
        }
        return new TemplateList(groups);
    }

    private static Func<object?, object?> KeyOf(CallArguments arguments, int caseIndex, int attributeIndex)
    {
        var isCaseSensitive = arguments.GetFlag(caseIndex, "case_sensitive", false);
        var hasAttribute = arguments.TryGet(attributeIndex, "attribute", out var attribute) && attribute is not null;
        return item => Fold(hasAttribute ? Access.Path(item, attribute) : item, isCaseSensitive);
    }

    private static object? Fold(object? value, bool isCaseSensitive) =>
        !isCaseSensitive && value is TemplateText text ? text.Map(text.Value.ToLowerInvariant()) : value;
}
