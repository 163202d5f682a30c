namespace Synthwave.Api.Dialects.Responses;

/// <summary>
/// In which order an answer was told, so that it can be told again with the same events and numbers: each step begins an item or adds to its text. Most steps go on
/// with the item of the step before and take a byte or two.
/// </summary>
internal sealed class ResponseSteps
{
    private readonly List<byte> _steps = [];
    private int _last = -1;

    /// <summary>What they take, bytes.</summary>
    public long Bytes => _steps.Count;

    /// <summary>Each step: the item's position, and how many bytes are added to its text; 0 = the item begins.</summary>
    public IEnumerable<(int Position, int Length)> All
    {
        get
        {
            var position = -1;
            for (var at = 0; at < _steps.Count;)
            {
                var step = Read(ref at);
                if ((step & 1) != 0)
                {
                    position = (int)Read(ref at);
                }

                yield return (position, (int)(step >> 1));
            }
        }
    }

    public void Begin(ResponseItem item) => Add(item.Position, 0);

    /// <param name="item">To which is added.</param>
    /// <param name="length">Bytes of its text, escapes included.</param>
    public void Add(ResponseItem item, int length) => Add(item.Position, length);

    /// <summary>The steps of an answer that came whole.</summary>
    public static ResponseSteps Of(ResponseItems items)
    {
        var steps = new ResponseSteps();
        foreach (var item in items.All)
        {
            steps.Begin(item);
            if (!item.Text.IsEmpty)
            {
                steps.Add(item, (int)item.Text.Length);
            }
        }

        return steps;
    }

    private void Add(int position, int length)
    {
        var isOther = position != _last;
        Write(((uint)length << 1) | (isOther ? 1u : 0u));
        if (isOther)
        {
            Write((uint)position);
            _last = position;
        }
    }

    // Seven bits a byte, the lowest first; the highest bit says that more follow.
    private void Write(uint number)
    {
        for (; number > 0x7F; number >>= 7)
        {
            _steps.Add((byte)(number | 0x80));
        }

        _steps.Add((byte)number);
    }

    private uint Read(ref int at)
    {
        uint number = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = _steps[at++];
            number |= (uint)(next & 0x7F) << shift;
            if (next <= 0x7F)
            {
                return number;
            }
        }
    }
}
